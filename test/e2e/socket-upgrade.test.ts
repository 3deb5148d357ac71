import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createConnection } from 'node:net';
import { WebSocket } from 'ws';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const TOKENS = { CLUSTERER_TOKENS: `sip:module:${sha256('s3cret/+Ü')},cli:read:${sha256('s3cret')}` };
/** `s3cret/+Ü` in UTF-8, as unpadded base64url. */
const BEARER = 'bearer.czNjcmV0LyvDnA';

const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

/** The response to an upgrade that is refused. */
async function refusal(service: TestService, headers: Record<string, string>) {
  const asked = request(`${service.httpUrl}/ws`, {
    headers: { ...HANDSHAKE, ...headers },
  });
  asked.end();
  const [response] = await once(asked, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, body: JSON.parse(text) };
}

describe('the subprotocol', () => {
  it.each([
    ['none', []],
    ['clusterer.v1', ['clusterer.v1']],
    ['clusterer.v1 among others', ['mqtt', 'clusterer.v1', 'chat', 'clusterer.v1.bin']],
  ])('is clusterer.v1 for a client that offers %s', async (_, offered) => {
    const service = await startService();
    const client = await service.socket(offered);
    expect(client.socket.protocol).toBe(offered.length > 0 ? 'clusterer.v1' : '');
    expect(client.notifications[0]?.method).toBe('welcome');
  });

  it('is clusterer.v1.bin for a client that prefers it', async () => {
    const client = await (await startService()).socket(['clusterer.v1.bin', 'clusterer.v1']);
    expect(client.socket.protocol).toBe('clusterer.v1.bin');
    expect(client.notifications[0]?.method).toBe('welcome');
  });

  it.each(['mqtt', 'mqtt, clusterer.v2', 'CLUSTERER.V1', 'bearer.abc'])(
    'is refused before the upgrade if a client offers only %s',
    async (offered) => {
      const service = await startService();
      const { status, headers, body } = await refusal(service, { 'sec-websocket-protocol': offered });
      expect({ status, type: headers['content-type'], code: body.code }).toEqual({
        status: 400,
        type: expect.stringMatching(/^application\/problem\+json/),
        code: 'unknown_subprotocol',
      });
      expect(body.detail).toContain('clusterer.v1');
    },
  );
});

test.each([
  ['a comma after the subprotocols', { 'sec-websocket-protocol': 'clusterer.v1,' }],
  ['a comma before the subprotocols', { 'sec-websocket-protocol': ',clusterer.v1' }],
  ['an empty name between two commas', { 'sec-websocket-protocol': 'clusterer.v1,,mqtt' }],
  ['an empty list of subprotocols', { 'sec-websocket-protocol': '' }],
  ['the same subprotocol twice', { 'sec-websocket-protocol': 'clusterer.v1, clusterer.v1' }],
  ['a space in a name', { 'sec-websocket-protocol': 'clusterer.v1, a b' }],
  ['a space that is not white space in HTTP', { 'sec-websocket-protocol': 'clusterer.v1\xa0' }],
  ['a name in quotes', { 'sec-websocket-protocol': 'clusterer.v1, "mqtt"' }],
  ['a bearer with padding', { 'sec-websocket-protocol': 'clusterer.v1, bearer.czNjcmV0Lw==' }],
  ['no key', { 'sec-websocket-key': '' }],
  ['a key that is too short', { 'sec-websocket-key': 'dGhlIHNhbXBsZQ==' }],
  ['two keys', { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==' }],
  ['version 8', { 'sec-websocket-version': '8' }],
  ['no version', { 'sec-websocket-version': '' }],
  ['version 13 twice', { 'sec-websocket-version': '13, 13' }],
])('a handshake with %s is refused as problem+json', async (_, headers) => {
  const service = await startService();
  const refused = await refusal(service, headers);
  expect([refused.status, refused.headers['content-type']]).toEqual([400, 'application/problem+json; charset=utf-8']);
  const [code, version] = 'sec-websocket-protocol' in headers ? ['unknown_subprotocol'] : ['invalid_input', '13'];
  expect([refused.body.code, refused.headers['sec-websocket-version']]).toEqual([code, version]);
});

test('subprotocols may have spaces and tabs around them', async () => {
  const service = await startService();
  const asked = request(`${service.httpUrl}/ws`, {
    headers: { ...HANDSHAKE, 'sec-websocket-protocol': 'mqtt ,\t clusterer.v1' },
  });
  asked.end();
  const [response, socket] = await once(asked, 'upgrade');
  expect(response.headers['sec-websocket-protocol']).toBe('clusterer.v1');
  socket.destroy();
});

describe('a token', () => {
  it('opens a socket as a subprotocol, which is not echoed', async () => {
    const service = await startService(TOKENS);
    const client = await service.socket([BEARER, 'clusterer.v1']);
    expect(client.socket.protocol).toBe('clusterer.v1');
  });

  it('opens a socket as a header', async () => {
    const service = await startService(TOKENS);
    const client = await service.socket(['clusterer.v1'], { authorization: 'Bearer s3cret' });
    expect(await client.call('get_my_id')).toEqual({ server_id: 0 });
  });

  it.each([
    ['no token', {}],
    ['a wrong token', { 'sec-websocket-protocol': 'bearer.d3Jvbmc, clusterer.v1' }],
    ['a wrong token and no known subprotocol', { 'sec-websocket-protocol': 'bearer.d3Jvbmc' }],
  ])('is required before the upgrade: %s gets 401', async (_, headers) => {
    const service = await startService(TOKENS);
    const { status, headers: answered, body } = await refusal(service, headers);
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'unauthorized' });
    expect(answered['www-authenticate']).toMatch(/^Bearer/);
  });

  it('with an insufficient role gets the error 403, and the socket stays open', async () => {
    const service = await startService({ CLUSTERER_TOKENS: `eye:read:${sha256('r')},mod:module:${sha256('m')}` });
    const reader = await service.socket(['clusterer.v1'], { authorization: 'Bearer r' });
    const module = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: 0, cluster_id: 1 };
    await expect(reader.call('register_module', module)).rejects.toMatchObject({
      code: 403,
      data: { code: 'forbidden', detail: expect.stringContaining('module') },
    });
    await expect(reader.call('send_to', {})).rejects.toMatchObject({ code: 403 });
    expect(await reader.call('ping')).toBe('pong');

    const registered = await service.socket(['clusterer.v1'], { authorization: 'Bearer m' });
    expect(await registered.call('register_module', module)).toMatchObject({ seq: 0 });
  });
});

test('the first frame is a welcome with the service and its limits', async () => {
  const service = await startService({ CLUSTERER_SERVER_ID: '7', CLUSTERER_WS_HEARTBEAT_SECONDS: '3' });
  const [one, two] = [await service.socket(), await service.socket()];
  expect(one.frames[0]).toEqual({
    jsonrpc: '2.0',
    method: 'welcome',
    params: {
      server_id: 7,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      epoch: expect.stringMatching(/^.{8,}$/),
      heartbeat_seconds: 3,
      limits: {
        frame_bytes: 1_048_576,
        queue_bytes: 16_777_216,
        registrations: 256,
        messages_per_second: 10_000,
        pong_seconds: 10,
        replay_seconds: 30,
        replay_bytes: 33_554_432,
      },
    },
  });
  expect(two.frames[0]).toEqual(one.frames[0]);
});

test('the epoch changes with a restart', async () => {
  const service = await startService();
  const epochs = [];
  for (let start = 0; start < 2; start++) {
    const [welcome] = await (await service.socket()).first('welcome');
    epochs.push(welcome?.epoch);
    await service.stop();
    await service.start();
  }
  expect(epochs[0]).not.toBe(epochs[1]);
});

test('plain HTTP at /ws gets 426', async () => {
  const service = await startService();
  const { status, headers, body } = await service.request('GET', '/ws');
  expect({ status, upgrade: headers.get('upgrade'), code: body.code }).toEqual({
    status: 426,
    upgrade: 'websocket',
    code: 'upgrade_required',
  });
});

test.each(['/ws', '/nowhere'])('the connection of a refused upgrade at %s does not stay open', async (path) => {
  const service = await startService(TOKENS);
  const { hostname, port } = new URL(service.httpUrl);
  const connection = createConnection({ host: hostname, port: Number(port) });
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13';
  connection.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${upgrade}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
  connection.resume();
  await once(connection, 'close');
  expect(connection.bytesRead).toBeGreaterThan(0);
});

test('a client may disconnect while requests before an offered upgrade are in progress', async () => {
  const service = await startService();
  const { hostname, port } = new URL(service.httpUrl);
  const offer = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n';
  const asked = `GET /id HTTP/1.1\r\nHost: x\r\n\r\nPOST /reload HTTP/1.1\r\nHost: x\r\n\r\nGET /id HTTP/1.1\r\n${offer}`;
  for (let i = 0; i < 10; i++) {
    const connection = createConnection({ host: hostname, port: Number(port) });
    connection.write(asked);
    await once(connection, 'data');
    connection.resetAndDestroy();
    expect((await service.request('POST', '/reload')).status).toBe(200);
  }
});

test('an upgrade at another path gets a plain HTTP response', async () => {
  const service = await startService();
  const socket = new WebSocket(`${service.httpUrl.replace('http', 'ws')}/nowhere`);
  const [error] = await once(socket, 'error');
  expect(error.message).toBe('Unexpected server response: 404');
  expect((await service.request('GET', '/id')).body).toEqual({ server_id: 0 });
});

test.each([
  ['with an unknown subprotocol', '/ws', { 'sec-websocket-protocol': 'mqtt' }],
  ['of a foreign origin', '/ws', { origin: 'http://elsewhere.example' }],
  ['at another path', '/id', {}],
])(
  'a client that keeps connections can send its next request after a refused handshake %s',
  async (_, path, headers) => {
    const service = await startService();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const asked = request(service.httpUrl + path, { agent, headers: { ...HANDSHAKE, ...headers } });
    asked.end();
    const [refused] = await once(asked, 'response');
    expect(refused.headers.connection).toBe('close');
    refused.resume();
    const next = request(`${service.httpUrl}/id`, { agent });
    next.end();
    const [response] = await once(next, 'response');
    expect(response.statusCode).toBe(200);
    response.resume();
    agent.destroy();
  },
);

/** Sends each part after a response to the one before. Returns all responses when the connection has closed. */
async function exchange(service: TestService, ...parts: string[]): Promise<string> {
  const { hostname, port } = new URL(service.httpUrl);
  const connection = createConnection({ host: hostname, port: Number(port) });
  let text = '';
  connection.on('data', (data) => {
    text += String(data);
    const part = parts.shift();
    if (part !== undefined) connection.write(part);
  });
  connection.write(parts.shift() ?? '');
  await once(connection, 'close');
  return text;
}

test('a request that offers another protocol, as the clients of Java and curl do, is served without an upgrade', async () => {
  const service = await startService();
  const body = '{"machine_id":2,"url":"bin:127.0.0.2"}';
  const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA';
  const type = `Content-Type: application/json\r\nContent-Length: ${body.length}`;
  const answers = await exchange(
    service,
    `POST /clusters/1/machines HTTP/1.1\r\nHost: 127.0.0.1\r\n${offer}\r\n${type}\r\n\r\n${body}`,
    'GET /id HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n',
  );
  expect(answers).toContain('HTTP/1.1 201 Created');
  expect(answers).toContain('{"server_id":0}');
  expect((await service.request('GET', '/clusters/1/machines/2')).status).toBe(200);
});

test('requests after such an offer are served, too, in order', async () => {
  const service = await startService();
  const offer = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n';
  const asked = ['/id', '/readyz', '/nodes', '/clusters', '/id'].map((path) => `GET ${path} HTTP/1.1\r\n${offer}\r\n`);
  const post = `POST /mi HTTP/1.1\r\n${offer}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n[]`;
  const last = 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const answers = await exchange(service, [...asked, post, last].join(''));
  const bodies = answers.match(/^\{"\w+"/gm);
  expect(bodies).toEqual(
    ['server_id', 'status', 'nodes', 'clusters', 'server_id', 'jsonrpc', 'status'].map((name) => `{"${name}"`),
  );
});

test('a handshake without a key is refused as a problem', async () => {
  const service = await startService();
  const answer = await exchange(
    service,
    'GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  expect(answer).toContain('HTTP/1.1 400 Bad Request');
  expect(answer).toContain('application/problem+json');
});
