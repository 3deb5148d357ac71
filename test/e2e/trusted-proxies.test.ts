import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { EventStream } from '../support/peers/event-stream.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();

/** Requests of this file come from 127.0.0.1, which is the proxy. */
const TRUSTED = { CLUSTERER_TRUSTED_PROXIES: '10.0.0.0/8, 127.0.0.1, ::1' };
const UNTRUSTED = { CLUSTERER_TRUSTED_PROXIES: '127.0.92.1' };
const sha256 = (token: string) => createHash('sha256').update(token).digest('hex');
const TOKENS = { CLUSTERER_TOKENS: `alice:operate:${sha256('alice')}`, CLUSTERER_HTTP_WRONG_TOKENS_PER_MINUTE: '2' };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const forms = {
  'X-Forwarded-For': (ip: string) => ({ 'x-forwarded-for': `6.6.6.6, ${ip}, 10.0.0.9` }),
  Forwarded: (ip: string) => ({ forwarded: `for=6.6.6.6, For="${ip}:4711";proto=https, for=10.0.0.9` }),
};
const statusOf = async (service: TestService, headers: Record<string, string>, path = '/id') =>
  (await service.request('GET', path, undefined, headers)).status;

describe.each(Object.entries(forms))('%s of a trusted proxy', (_, from) => {
  it('names the client in the log', async () => {
    const service = await startService({ ...TRUSTED, ...TOKENS });
    expect(await statusOf(service, from('192.0.2.1'))).toBe(401);
    await service.logLine({ reason: 'unauthorized', what: 'GET /id', address: '192.0.2.1' });
    expect(await statusOf(service, { ...from('192.0.2.1'), ...bearer('alice') }, '/nodes')).toBe(200);
    await service.logLine({ msg: 'request completed', path: '/nodes', by: 'alice', address: '192.0.2.1' });
    expect(await statusOf(service, { ...from('192.0.2.1'), ...bearer('alice') }, '/nowhere')).toBe(404);
    await service.logLine({ path: '/nowhere', address: '192.0.2.1' });
  });

  it('keeps wrong tokens of one client from locking out others', async () => {
    const service = await startService({ ...TRUSTED, ...TOKENS });
    const guess = () => statusOf(service, { ...from('192.0.2.1'), ...bearer('guess') });
    expect([await guess(), await guess(), await guess()]).toEqual([401, 401, 429]);
    expect(await statusOf(service, { ...from('192.0.2.2'), ...bearer('alice') })).toBe(200);
    expect(await statusOf(service, { ...from('192.0.2.1'), ...bearer('alice') })).toBe(429);
  });

  it('gives each client its own sockets and event streams', async () => {
    const service = await startService({ ...TRUSTED, CLUSTERER_WS_MAX_PER_CLIENT: '1' });
    const open = (ip: string) => service.socket(undefined, from(ip));
    await open('192.0.2.1');
    await expect(open('192.0.2.1')).rejects.toThrow('503');
    await service.logLine({ door: 'ws', reason: 'too_many_sockets', address: '192.0.2.1' });
    const second = await open('192.0.2.2');
    second.socket.send('no JSON');
    await service.logLine({ door: 'ws', reason: 'not_json_rpc', address: '192.0.2.2' });

    const stream = await EventStream.open(`${service.httpUrl}/events`, from('192.0.2.1'));
    expect(await statusOf(service, from('192.0.2.1'), '/events')).toBe(503);
    await service.logLine({ door: 'http', reason: 'too_many_sockets', address: '192.0.2.1' });
    (await EventStream.open(`${service.httpUrl}/events`, from('192.0.2.2'))).close();
    stream.close();
  });

  it('gives each client its own number of requests', async () => {
    const service = await startService({ ...TRUSTED, CLUSTERER_HTTP_REQUESTS_PER_SECOND: '5' });
    const ask = (ip: string) => Promise.all(Array.from({ length: 20 }, () => statusOf(service, from(ip))));
    await service.request('GET', '/openapi.json');
    expect(await ask('192.0.2.1')).toContain(429);
    expect(await statusOf(service, from('192.0.2.2'))).toBe(200);
  });

  it('says nothing to a service without trusted proxies, nor from anyone else', async () => {
    for (const environment of [{}, UNTRUSTED]) {
      const service = await startService({ ...environment, ...TOKENS });
      const secure = { ...from('192.0.2.1'), 'x-forwarded-proto': 'https' };
      const { status, headers } = await service.request('GET', '/id', undefined, secure);
      expect([status, headers.get('strict-transport-security')]).toEqual([401, null]);
      await service.logLine({ reason: 'unauthorized', what: 'GET /id', address: '127.0.0.1' });
    }
  });
});

it.each([
  ['unknown', '127.0.0.1'],
  ['192.0.2.1, <script>', '127.0.0.1'],
  ['192.0.2.1, , 10.0.0.9', '10.0.0.9'],
  ['2001:db8::5', '2001:db8::5'],
])('an entry that is not an address ends the way back: %s', async (value, address) => {
  const service = await startService({ ...TRUSTED, ...TOKENS });
  expect(await statusOf(service, { 'x-forwarded-for': value })).toBe(401);
  await service.logLine({ reason: 'unauthorized', address });
});

it('a client of IPv6 is counted by its network', async () => {
  const service = await startService({ ...TRUSTED, ...TOKENS });
  const guess = (ip: string) => statusOf(service, { forwarded: `for="[${ip}]"`, ...bearer('guess') });
  expect([await guess('2001:db8::1'), await guess('2001:db8::2'), await guess('2001:db8::3')]).toEqual([401, 401, 429]);
  expect(await guess('2001:db8:0:1::1')).toBe(401);
});

it('headers that contradict each other are refused, and counted for the proxy', async () => {
  const service = await startService(TRUSTED);
  const answer = await service.request('GET', '/id', undefined, {
    forwarded: 'for=6.6.6.6',
    'x-forwarded-for': '192.0.2.1',
  });
  expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
  expect(answer.body.detail).toContain('The proxy must remove the one that it does not write');
  await service.logLine({ code: 'invalid_input', address: '127.0.0.1' });
});

describe('a proxy that terminates TLS', () => {
  it.each([
    ['x-forwarded-proto', 'https'],
    ['forwarded', 'for=192.0.2.1;proto=https'],
  ])('is known by %s: there is HSTS, and a page over http is foreign', async (name, value) => {
    const service = await startService(TRUSTED);
    const host = new URL(service.httpUrl).host;
    const reload = (headers: Record<string, string>) => service.request('POST', '/reload', undefined, headers);
    const secure = await reload({ [name]: value, origin: `https://${host}` });
    expect([secure.status, secure.headers.get('strict-transport-security')]).toEqual([200, 'max-age=31536000']);
    expect((await reload({ [name]: value, origin: `http://${host}` })).status).toBe(403);
    const plain = await reload({ origin: `http://${host}` });
    expect([plain.status, plain.headers.get('strict-transport-security')]).toEqual([200, null]);
  });

  it('is known also when the URL is invalid', async () => {
    const service = await startService({ ...TRUSTED, ...TOKENS });
    const { hostname, port } = new URL(service.httpUrl);
    const connection = createConnection({ host: hostname, port: Number(port) });
    const headers = 'Host: x\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nConnection: close';
    connection.write(`GET /%zz HTTP/1.1\r\n${headers}\r\n\r\n`);
    const answer = (await text(connection)).toLowerCase();
    expect(answer).toMatch(/^http\/1.1 400 /);
    expect(answer).toContain('\r\nstrict-transport-security: ');
    await service.logLine({ code: 'invalid_input', address: '192.0.2.1' });
  });
});

it('a trusted proxy has no limit of connections of its own', async () => {
  const limits = { CLUSTERER_HTTP_MAX_CONNECTIONS: '3', CLUSTERER_HTTP_MAX_CONNECTIONS_PER_SOURCE: '1' };
  const service = await startService({ ...TRUSTED, ...limits });
  const { hostname: host, port } = new URL(service.httpUrl);
  const connect = async (localAddress: string): Promise<Socket> => {
    const connection = createConnection({ host, port: Number(port), localAddress });
    await once(connection, 'connect');
    return connection;
  };
  const open = [await connect('127.0.0.1'), await connect('127.0.0.1'), await connect('127.0.92.1')];
  await once((await connect('127.0.0.1')).resume(), 'close');
  await service.logLine({ reason: 'too_many_connections', address: '127.0.0.1' });
  open[0]?.end();
  open[0]?.resume();
  await once(open[0] as Socket, 'close');
  await once((await connect('127.0.92.1')).resume(), 'close');
  await service.logLine({ reason: 'too_many_from_source', address: '127.0.92.1' });
  for (const connection of open) connection.destroy();
});
