import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { certificate, credentials } from '../fixtures/certificates.js';
import { clustererProcess, endCommandsAfterEach } from '../support/service/command-line.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

/** A process takes a second to start on a busy machine. */
jest.setTimeout(30_000);
endCommandsAfterEach();
stopServicesAfterEach();

const TLS = { CLUSTERER_TLS_CERT: certificate('service.crt'), CLUSTERER_TLS_KEY: certificate('service.key') };

/** Over REST, and over a socket. */
const COMMANDS = [['list'], ['watch']] as const;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function portOf(server: Server, host = '127.0.0.1'): Promise<number> {
  servers.push(server.listen(0, host));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function urlWithTls(): Promise<string> {
  const { httpUrl } = await startService(TLS);
  return httpUrl.replace('http:', 'https:');
}

/** Returns the error of a command for a service at this URL that it cannot use. */
async function errorOf(command: string, url: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await clustererProcess([command, '--url', url], { env });
  expect([exitCode, stdout]).toEqual([3, '']);
  expect(stderr).toMatch(/^clusterer: .*\n$/);
  expect(stderr).not.toContain('Start it');
  return stderr;
}

describe.each(COMMANDS)('clusterer %s', (command) => {
  it('names NODE_EXTRA_CA_CERTS when the authority of the certificate is unknown', async () => {
    const url = await urlWithTls();
    expect(await errorOf(command, url)).toContain('NODE_EXTRA_CA_CERTS');
  });

  it('says that the certificate is for another name', async () => {
    const port = await portOf(createTlsServer(credentials('service')), '127.0.0.2');
    const env = { NODE_EXTRA_CA_CERTS: certificate('ca.crt') };
    const text = await errorOf(command, `https://127.0.0.2:${port}`, env);
    expect(text).toContain('Use a host name that its certificate contains.');
  });

  it('suggests http: when the service does not speak TLS', async () => {
    const { httpUrl } = await startService();
    const text = await errorOf(command, httpUrl.replace('http:', 'https:'));
    expect(text).toContain('If it does not speak TLS, write http: in place of https:');
    expect(text).not.toContain('OPENSSL');
  });

  it('suggests https: when the service speaks TLS', async () => {
    const url = await urlWithTls();
    expect(await errorOf(command, url.replace('https:', 'http:'))).toContain('If it speaks TLS, write https:');
  });

  it('names the service that closed the connection without an answer', async () => {
    const port = await portOf(createServer((socket) => socket.once('data', () => socket.destroy())));
    expect(await errorOf(command, `http://127.0.0.1:${port}`)).toContain(`:${port}`);
  });
});

test('clusterer list trusts an authority from NODE_EXTRA_CA_CERTS', async () => {
  const env = { NODE_EXTRA_CA_CERTS: certificate('ca.crt') };
  expect((await clustererProcess(['list', '--url', await urlWithTls()], { env })).exitCode).toBe(0);
});
