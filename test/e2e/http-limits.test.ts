import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { EventStream } from '../support/peers/event-stream.js';
import { eventually } from '../support/service/eventually.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();

const connections: Socket[] = [];
afterEach(() => {
  for (const connection of connections.splice(0)) connection.destroy();
});

/** A TCP connection to the HTTP port of the service, from this loopback address. */
async function connect(service: TestService, localAddress = '127.0.0.1'): Promise<Socket> {
  const { hostname: host, port } = new URL(service.httpUrl);
  const connection = createConnection({ host, port: Number(port), localAddress });
  connections.push(connection);
  connection.on('error', () => {});
  await once(connection, 'connect');
  return connection;
}

/** Status and code of the response to an invalid or incomplete request; the connection is closed after it. */
async function answerTo(connection: Socket, sent: string) {
  connection.write(sent);
  const [head = '', body = ''] = (await text(connection)).split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head: head.toLowerCase(), code: JSON.parse(body).code };
}

const sha256 = (token: string) => createHash('sha256').update(token).digest('hex');
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test('a body up to the limit is read; a longer one gets 413', async () => {
  const service = await startService({ CLUSTERER_HTTP_BODY_BYTES: '1000' });
  const post = (path: string, length: number) => service.request('POST', path, '{}'.padEnd(length));
  expect((await post('/reload', 1000)).status).toBe(200);
  expect(await post('/reload', 1001)).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
  expect(await service.logLine({ door: 'http', reason: 'body_too_large' })).toMatchObject({ what: 'POST /reload' });
  expect((await post('/mi', 1001)).status).toBe(413);
  await service.logLine({ door: 'mi', reason: 'body_too_large' });
});

test('headers above the limit get 431', async () => {
  const service = await startService({ CLUSTERER_HTTP_HEADER_BYTES: '2000' });
  expect((await service.request('GET', '/id', undefined, { 'x-long': 'x'.repeat(1000) })).status).toBe(200);
  const request = `GET /id HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ${'x'.repeat(3000)}\r\n\r\n`;
  const answer = await answerTo(await connect(service), request);
  expect(answer).toMatchObject({ status: 431, code: 'header_too_large' });
  expect(answer.head).toContain("\r\ncontent-security-policy: default-src 'none'");
  await service.logLine({ door: 'http', reason: 'header_too_large', address: '127.0.0.1' });
});

test.each([
  ['headers', { CLUSTERER_HTTP_HEADER_TIMEOUT_MS: '100' }, 'GET /id HTTP/1.1\r\nHost: 127.0.0.1\r\n'],
  [
    'body bytes',
    { CLUSTERER_HTTP_HEADER_TIMEOUT_MS: '100', CLUSTERER_HTTP_REQUEST_TIMEOUT_MS: '100' },
    'POST /reload HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  ],
])(
  'a request gets 408 if its %s do not arrive in time, and the connection is closed',
  async (_, environment, request) => {
    const service = await startService(environment);
    expect(await answerTo(await connect(service), request)).toMatchObject({ status: 408, code: 'request_timeout' });
    await service.logLine({ door: 'http', reason: 'request_timeout' });
  },
);

test('a silent connection is closed like a request that does not arrive', async () => {
  const service = await startService({ CLUSTERER_HTTP_HEADER_TIMEOUT_MS: '100' });
  await once((await connect(service)).resume(), 'close');
  await service.logLine({ door: 'http', reason: 'request_timeout' });
});

test('connections above the limits in total and per source are closed; a closed one frees its place', async () => {
  const service = await startService({
    CLUSTERER_HTTP_MAX_CONNECTIONS: '3',
    CLUSTERER_HTTP_MAX_CONNECTIONS_PER_SOURCE: '2',
  });
  const [first] = [await connect(service), await connect(service)];
  await once((await connect(service)).resume(), 'close');
  await service.logLine({ door: 'http', reason: 'too_many_from_source', address: '127.0.0.1' });
  await connect(service, '127.0.0.2');
  await once((await connect(service, '127.0.0.3')).resume(), 'close');
  await service.logLine({ door: 'http', reason: 'too_many_connections', address: '127.0.0.3' });

  first?.resume().end();
  await once(first as Socket, 'close');
  const last = await connect(service);
  last.write('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
  expect(await text(last)).toMatch(/^HTTP\/1.1 200 /);
});

test('a client above its request rate gets 429 until the second is over; other clients do not', async () => {
  const service = await startService({
    CLUSTERER_HTTP_REQUESTS_PER_SECOND: '20',
    CLUSTERER_TOKENS: `one:read:${sha256('1')},two:read:${sha256('2')}`,
  });
  const ask = () => service.request('GET', '/id', undefined, bearer('1'));
  await service.request('GET', '/healthz');
  const answers = await Promise.all(Array.from({ length: 100 }, ask));
  const refused = answers.filter(({ status }) => status === 429);
  expect(answers.filter(({ status }) => status === 200).length).toBe(100 - refused.length);
  expect(refused[0]).toMatchObject({ body: { code: 'too_many_requests' } });
  expect(refused[0]?.headers.get('retry-after')).toBe('1');
  expect((await service.request('GET', '/id', undefined, bearer('2'))).status).toBe(200);
  expect(await service.logLine({ reason: 'too_many_requests' })).toMatchObject({ caller: 'one', what: 'GET /id' });
  await eventually(async () => (await ask()).status === 200);
});

describe('wrong tokens', () => {
  const ENVIRONMENT = {
    CLUSTERER_HTTP_WRONG_TOKENS_PER_MINUTE: '3',
    CLUSTERER_TOKENS: `old:read:${sha256('old')},new:read:${sha256('new')}`,
  };

  async function startGuessed(): Promise<(token: string) => Promise<number>> {
    const service = await startService(ENVIRONMENT);
    const statusOf = async (token: string) => (await service.request('GET', '/id', undefined, bearer(token))).status;
    expect(await statusOf('old')).toBe(200);
    for (let i = 0; i < 3; i++) expect(await statusOf(`guess${i}`)).toBe(401);
    await service.logLine({ reason: 'unauthorized', what: 'GET /id', address: '127.0.0.1' });
    return statusOf;
  }

  it('above the limit of an address lock out valid tokens too, so that guessing reveals nothing', async () => {
    const statusOf = await startGuessed();
    expect([await statusOf('guess'), await statusOf('new')]).toEqual([429, 429]);
  });

  it('do not lock out a client that is already authenticated', async () => {
    const statusOf = await startGuessed();
    expect([await statusOf('guess'), await statusOf('old')]).toEqual([429, 200]);
  });

  it('do not include requests without a token', async () => {
    const service = await startService(ENVIRONMENT);
    for (let i = 0; i < 5; i++) expect((await service.request('GET', '/id')).status).toBe(401);
    expect((await service.request('GET', '/id', undefined, bearer('new'))).status).toBe(200);
  });
});

test('a client opens sockets and event streams up to its limit; another client has its own limit', async () => {
  const service = await startService({
    CLUSTERER_WS_MAX_PER_CLIENT: '1',
    CLUSTERER_TOKENS: `one:read:${sha256('1')},two:read:${sha256('2')}`,
  });
  const open = (token: string) => service.socket(['clusterer.v1'], bearer(token));
  const socket = await open('1');
  await expect(open('1')).rejects.toThrow('503');
  await service.logLine({ door: 'ws', reason: 'too_many_sockets', what: 'GET /ws' });
  await open('2');
  await socket.close();
  await open('1');

  const stream = await EventStream.open(`${service.httpUrl}/events`, bearer('1'));
  expect(await service.request('GET', '/events', undefined, bearer('1'))).toMatchObject({
    status: 503,
    body: { code: 'too_many_sockets', detail: expect.stringContaining('CLUSTERER_WS_MAX_PER_CLIENT') },
  });
  await service.logLine({ door: 'http', reason: 'too_many_sockets', what: 'GET /events' });
  (await EventStream.open(`${service.httpUrl}/events`, bearer('2'))).close();
  stream.close();
});
