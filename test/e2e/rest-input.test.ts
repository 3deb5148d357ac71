import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();

const JSON_TYPE = 'application/json';

async function send(
  service: TestService,
  method: string,
  path: string,
  body: string | Buffer<ArrayBuffer>,
  headers: object = {},
) {
  const all = { 'content-type': JSON_TYPE, ...headers };
  const response = await fetch(`${service.httpUrl}${path}`, { method, body, headers: all });
  const answer = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(answer) };
}

/** Returns the body for a new machine with these bytes in its description. */
function machine(description: Buffer): Buffer<ArrayBuffer> {
  return Buffer.concat([
    Buffer.from('{"machine_id":2,"url":"bin:127.0.0.2","description":"'),
    description,
    Buffer.from('"}'),
  ]);
}

test.each([
  ['a byte that is never UTF-8', 'ff'],
  ['half of a character', 'c3'],
  ['a surrogate in UTF-8', 'eda080'],
  ['an overlong form', 'c080'],
])('a body with %s is 400, and nothing is stored', async (_, hex) => {
  const service = await startService();
  const answer = await send(service, 'POST', '/clusters/1/machines', machine(Buffer.from(hex, 'hex')));
  expect([answer.status, answer.body.code, answer.body.errors]).toEqual([
    400,
    'invalid_input',
    [{ pointer: '', detail: 'is not UTF-8' }],
  ]);
  expect((await service.request('GET', '/nodes')).body.nodes).toEqual([]);
});

test('half of a surrogate pair in any body is 400 with a pointer to its field; a whole pair is accepted', async () => {
  const service = await startService();
  const whole = await send(service, 'POST', '/clusters/1/machines', machine(Buffer.from('\\ud83d\\ude00')));
  expect([whole.status, whole.body.description]).toEqual([201, '😀']);
  for (const [method, path, body, pointer] of [
    ['POST', '/clusters/1/machines', '{"machine_id":3,"url":"bin:127.0.0.3","description":"\\ud800"}', '/description'],
    ['PUT', '/clusters/1/machines/2', '{"description":"a\\udc00b"}', '/description'],
    ['PUT', '/clusters/1/machines/2/status', '{"status":"down","reason":"\\udfff"}', '/reason'],
    ['POST', '/clusters/1/packets', '{"module":"\\ud800","packet_type":1}', '/module'],
    ['PUT', '/clusters/1/machines/2/state', '"\\ud800"', ''],
  ] as const) {
    const answer = await send(service, method, path, body);
    expect([path, answer.status, answer.body.errors?.[0].pointer]).toEqual([path, 400, pointer]);
  }
  expect((await service.request('GET', '/clusters/1/machines/2')).body).toMatchObject({
    description: '😀',
    state: 'up',
  });
});

test('a byte order mark before the JSON is skipped', async () => {
  const service = await startService();
  const body = Buffer.concat([Buffer.from('efbbbf', 'hex'), machine(Buffer.from('é'))]);
  const answer = await send(service, 'POST', '/clusters/1/machines', body);
  expect([answer.status, answer.body.description]).toEqual([201, 'é']);
});

test.each(['/clusters/1/machines', '/reload', '/mi'])('%s accepts only UTF-8, not compressed', async (path) => {
  const service = await startService();
  const body = '{"machine_id":2,"url":"bin:127.0.0.2","jsonrpc":"2.0","method":"which"}';
  for (const charset of ['utf-16', 'iso-8859-1', '"latin1"', 'utf-8; charset=utf-16', '']) {
    const answer = await send(service, 'POST', path, body, { 'content-type': `${JSON_TYPE}; charset=${charset}` });
    expect([charset, answer.status, answer.body.code]).toEqual([charset, 415, 'unsupported_media_type']);
  }
  for (const coding of ['gzip', 'br', 'identity, gzip', 'nothing']) {
    const answer = await send(service, 'POST', path, gzipSync(body), { 'content-encoding': coding });
    const { status, headers } = answer;
    expect([coding, status, answer.body.code, headers.get('accept-encoding')]).toEqual([
      coding,
      415,
      'unsupported_media_type',
      'identity',
    ]);
  }
  expect((await service.request('GET', '/nodes')).body.nodes).toEqual([]);
});

test('any spelling of the charset UTF-8 and the coding identity are accepted', async () => {
  const service = await startService();
  for (const type of [`${JSON_TYPE};charset=utf-8`, `${JSON_TYPE}; Charset="UTF-8"`, `${JSON_TYPE}; charset=utf8`]) {
    const headers = { 'content-type': type, 'content-encoding': 'identity' };
    expect((await send(service, 'POST', '/reload', '{}', headers)).status).toBe(200);
  }
});

test('headers about a body are ignored when there is no body', async () => {
  const service = await startService();
  const headers = { 'content-type': `${JSON_TYPE}; charset=utf-16`, 'content-encoding': 'gzip' };
  expect((await service.request('POST', '/reload', undefined, headers)).status).toBe(200);
});

test.each([
  '/nodes?protocol=%ff',
  '/nodes?protocol=%ED%A0%80',
  '/nodes?protocol=%C3&limit=1',
  '/nodes?protocol=%2',
  '/nodes?%ff=1',
])('%s, which is not UTF-8, is 400 and names the parameter', async (path) => {
  const service = await startService();
  const answer = await service.request('GET', path);
  expect([answer.status, answer.body.errors]).toEqual([
    400,
    [{ pointer: `/${path.match(/\?([^=]*)/)?.[1]}`, detail: 'is not percent-encoded UTF-8' }],
  ]);
});

test.each(['/clusters/%ff', '/clusters/%C3'])('the path %s, which is not UTF-8, is 400', async (path) => {
  const service = await startService();
  const { status, body } = await service.request('GET', path);
  expect([status, body.detail]).toEqual([400, 'The URL must be percent-encoded UTF-8.']);
});

test('bytes in a URL that are not percent-encoded are 400', async () => {
  const service = await startService();
  const socket = connect(Number(new URL(service.httpUrl).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(Buffer.from('GET /nodes?protocol=\xe9 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n', 'latin1'));
  expect(await text(socket)).toMatch(/^HTTP\/1.1 400 .*application\/problem\+json/s);
});
