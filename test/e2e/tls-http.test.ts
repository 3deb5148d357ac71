import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { certificate, pem } from '../fixtures/certificates.js';
import { SocketClient } from '../support/peers/socket-client.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();

// The file watcher needs a second.
jest.setTimeout(30_000);

const TLS = { CLUSTERER_TLS_CERT: certificate('service.crt'), CLUSTERER_TLS_KEY: certificate('service.key') };

function portOf(service: TestService): number {
  return Number(new URL(service.httpUrl).port);
}

/** A request over HTTPS that trusts only the authority of the tests. */
async function ask(service: TestService, path: string, options: RequestOptions & { readonly body?: string } = {}) {
  const { body, ...rest } = options;
  const asked = request({ port: portOf(service), path, ca: pem('ca.crt'), agent: false, ...rest });
  asked.end(body);
  const [response] = await once(asked, 'response');
  const { subject } = response.socket.getPeerCertificate();
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text, name: subject.CN };
}

test('REST is HTTPS if a certificate and its key are set, and the log says so', async () => {
  const service = await startService(TLS);
  expect(await ask(service, '/id')).toEqual({ status: 200, text: '{"server_id":0}', name: 'service' });
  const body = '{"machine_id":2,"url":"bin:127.0.0.2"}';
  const headers = { 'content-type': 'application/json' };
  expect(await ask(service, '/clusters/1/machines', { method: 'POST', headers, body })).toMatchObject({ status: 201 });
  expect(await service.logLine({ http: `https://127.0.0.1:${portOf(service)}` })).toMatchObject({ msg: 'listening' });
});

test('a request in the clear gets no answer on the TLS port, and other clients are not affected', async () => {
  const service = await startService(TLS);
  const plain = createConnection(portOf(service), '127.0.0.1');
  plain.write('GET /id HTTP/1.1\r\nHost: x\r\n\r\n');
  let text = '';
  plain.on('data', (data) => {
    text += data.toString('latin1');
  });
  await once(plain, 'close');
  expect(text).not.toContain('HTTP');
  await service.logLine({ door: 'http', reason: 'tls_failed', address: '127.0.0.1' });
  expect((await ask(service, '/id')).status).toBe(200);
});

test.each([
  ['nothing', ''],
  ['half a ClientHello', '1603010200'],
])('a client that sends %s instead of a handshake is closed in time and counted', async (_, sent) => {
  const service = await startService({ ...TLS, CLUSTERER_HTTP_HEADER_TIMEOUT_MS: '100' });
  const silent = createConnection(portOf(service), '127.0.0.1').resume();
  silent.write(Buffer.from(sent, 'hex'));
  await once(silent, 'close');
  await service.logLine({ door: 'http', reason: 'tls_timeout', address: '127.0.0.1' });
});

test.each([
  ['what is not TLS', Buffer.from('GET / HTTP/1.1\r\n\r\n'.repeat(10))],
  ['half a ClientHello', Buffer.from('1603010200', 'hex')],
])('a client that sends %s and resets the connection is counted with its address', async (_, sent) => {
  const service = await startService(TLS);
  const client = createConnection({ port: portOf(service), host: '127.0.0.1', localAddress: '127.0.0.9' });
  client.write(sent, () => client.resetAndDestroy());
  const line = await service.logLine({ door: 'http', reason: 'tls_failed' });
  expect([line.address, line.count]).toEqual(['127.0.0.9', 1]);
});

test('a client that only opens a connection is not counted', async () => {
  const service = await startService(TLS);
  const look = createConnection(portOf(service), '127.0.0.1');
  await once(look, 'connect');
  look.destroy();
  expect((await ask(service, '/id')).status).toBe(200);
  expect(service.logLines.filter(({ reason }) => reason !== undefined)).toEqual([]);
});

test('an error before any route has the HSTS header too', async () => {
  const service = await startService(TLS);
  const hsts = 'strict-transport-security: max-age=31536000';
  for (const request of ['GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 'no HTTP\r\n\r\n']) {
    const connection = connect({ port: portOf(service), ca: pem('ca.crt') });
    connection.write(request);
    expect(await text(connection)).toContain(hsts);
  }
});

test('a client with HTTP/1.0 gets an answer', async () => {
  const service = await startService(TLS);
  const connection = connect({ port: portOf(service), ca: pem('ca.crt'), ALPNProtocols: ['http/1.0'] });
  connection.write('GET /id HTTP/1.0\r\n\r\n');
  expect(await text(connection)).toContain('"server_id":0');
});

test('TLS 1.1 is refused', async () => {
  const service = await startService(TLS);
  const ciphers = 'DEFAULT@SECLEVEL=0';
  const old = connect({
    port: portOf(service),
    ca: pem('ca.crt'),
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers,
  });
  const [error] = await once(old, 'error');
  expect(error.code).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
});

test('sockets are WSS, on the same port', async () => {
  const service = await startService(TLS);
  const url = `wss://localhost:${portOf(service)}/ws`;
  const client = await SocketClient.open(url, ['clusterer.v1'], {}, { ca: pem('ca.crt') });
  expect(await client.call('get_my_id')).toEqual({ server_id: 0 });
  await client.close();
});

test('requests that offer another protocol are answered in order', async () => {
  const service = await startService(TLS);
  const connection = connect({ port: portOf(service), ca: pem('ca.crt') });
  const offer = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n';
  connection.write(`GET /id HTTP/1.1\r\n${offer}GET /readyz HTTP/1.1\r\n${offer}`);
  connection.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  let text = '';
  connection.on('data', (data) => {
    text += data;
  });
  await once(connection, 'close');
  expect(text.match(/\{"\w+"/g)).toEqual(['{"server_id"', '{"status"', '{"status"']);
});

test('a renewed certificate is used without a restart, and one with a key that does not fit is not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clusterer-tls-'));
  const [cert, key] = [join(folder, 'crt'), join(folder, 'key')];
  const install = (name: string, ...ends: string[]) => {
    for (const end of ends) copyFileSync(certificate(`${name}.${end}`), join(folder, end));
  };
  install('service', 'crt', 'key');
  const service = await startService({ CLUSTERER_TLS_CERT: cert, CLUSTERER_TLS_KEY: key });
  install('machine', 'crt');
  await service.logLine({ msg: 'certificate files unusable; keeping the previous certificate' });
  expect((await ask(service, '/id')).name).toBe('service');
  install('machine', 'key');
  await service.logLine({ msg: 'certificate files reloaded' });
  expect((await ask(service, '/id')).name).toBe('machine');
  rmSync(folder, { recursive: true });
});
