import { once } from 'node:events';
import { connect } from 'node:net';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();

/** Sends these bytes. @returns everything that the service sends until it closes the connection */
async function exchange(service: TestService, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(service.httpUrl).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}

const ALLOWED = [
  ['/nodes', 'GET, HEAD'],
  ['/reload', 'POST'],
  ['/clusters', 'GET, HEAD'],
  ['/clusters/1', 'GET, HEAD'],
  ['/clusters/1/machines', 'GET, HEAD, POST'],
  ['/clusters/1/machines/2', 'DELETE, GET, HEAD, PUT'],
  ['/clusters/1/machines/2/status', 'PUT'],
  ['/clusters/1/machines/2/state', 'PUT'],
  ['/clusters/1/nodes', 'GET, HEAD'],
  ['/clusters/1/check', 'GET, HEAD'],
  ['/clusters/1/packets', 'POST'],
  ['/id', 'GET, HEAD'],
  ['/modules', 'GET, HEAD'],
  ['/mi', 'POST'],
  ['/metrics', 'GET, HEAD'],
  ['/healthz', 'GET, HEAD'],
  ['/readyz', 'GET, HEAD'],
  ['/openapi.json', 'GET, HEAD'],
  ['/openapi.yaml', 'GET, HEAD'],
  ['/docs', 'GET, HEAD'],
] as const;

test('every route refuses other methods with 405 and lists its own in Allow', async () => {
  const service = await startService();
  for (const [path, allow] of ALLOWED) {
    const answer = await service.request('PATCH', path);
    expect([path, answer.status, answer.body.code, answer.headers.get('allow')]).toEqual([
      path,
      405,
      'method_not_allowed',
      allow,
    ]);
  }
});

test('a wrong method is 405, whatever the body, the ids or the method', async () => {
  const service = await startService();
  const answers = [
    await service.request('POST', '/nodes', '{not json'),
    await service.request('DELETE', '/nodes', 'text', { 'content-type': 'text/plain' }),
    await service.request('PATCH', '/nodes', 'x'.repeat(2 ** 20 + 1)),
    await service.request('POST', '/clusters/abc/machines/0', {}),
    await service.request('PATCH', `/clusters/${'1'.repeat(101)}/check`),
    await service.request('OPTIONS', '/id'),
    await service.request('PROPFIND', '/id/'),
  ];
  expect(answers.map(({ status, body }) => [status, body.code])).toEqual(Array(7).fill([405, 'method_not_allowed']));
  const traced = await exchange(service, 'TRACE /id HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
  expect(traced).toMatch(/^HTTP\/1.1 405 .*\r\nallow: GET, HEAD\r\n/s);
});

test('an unknown route is 404, whatever the method and the body', async () => {
  const service = await startService();
  const answers = [
    await service.request('GET', '/nothing'),
    await service.request('GET', '/Nodes'),
    await service.request('GET', '/clusters/1/machines/2/nothing'),
    await service.request('POST', '/nothing', '{not json'),
    await service.request('PUT', '/nothing', 'text', { 'content-type': 'text/plain' }),
    await service.request('POST', '/nothing', 'x'.repeat(2 ** 20 + 1)),
    await service.request('PROPFIND', '/nothing'),
  ];
  expect(answers.map(({ status, body }) => [status, body.code])).toEqual(Array(7).fill([404, 'unknown_route']));
});

test('a problem is an RFC 9457 document with a stable code', async () => {
  const service = await startService();
  const answer = await service.request('GET', '/nothing?a=1');
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(answer.body).toEqual({
    type: 'urn:clusterer:problem:unknown_route',
    title: 'Not found',
    status: 404,
    detail: 'GET /nothing is not a route; GET /openapi.yaml lists all routes.',
    code: 'unknown_route',
  });
});

test('a URL that is too long gets a short error', async () => {
  const service = await startService();
  const long = '1'.repeat(3_000);
  const [part, unknown] = [
    await service.request('GET', `/clusters/${long}`),
    await service.request('GET', `/x${long}`),
  ];
  expect([part.status, part.body.code, part.body.detail]).toEqual([
    400,
    'invalid_input',
    'A segment of the path can have at most 100 characters.',
  ]);
  expect([unknown.status, unknown.body.code, unknown.text.length < 500]).toEqual([404, 'unknown_route', true]);
});

test('an unknown expectation of a client is ignored', async () => {
  const service = await startService();
  const asked = await exchange(
    service,
    'GET /id HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: much\r\nConnection: close\r\n\r\n',
  );
  expect(asked).toMatch(/^HTTP\/1.1 200 .*"server_id":0/s);
});

test('every invalid field is reported with a pointer and a reason', async () => {
  const service = await startService();
  const body = '{"machine_id":"2","url":5,"state":1,"duration":-1,"a/b~c":1,"__proto__":{"x":1}}';
  const answer = await service.request('POST', '/clusters/1/machines', body);
  expect([answer.status, answer.body.code]).toEqual([400, 'invalid_input']);
  expect(new Map(answer.body.errors.map((fault: Record<string, string>) => [fault.pointer, fault.detail]))).toEqual(
    new Map([
      ['/machine_id', 'must be integer'],
      ['/url', 'must be string'],
      ['/state', 'must be one of "up", "down"'],
      ['/duration', 'must be >= 0'],
      ['/a~1b~0c', 'is not a field of this request'],
      ['/__proto__', 'is not a field of this request'],
    ]),
  );
  const query = await service.request('GET', '/clusters/1/check');
  expect(query.body.errors).toEqual([
    { pointer: '/address', detail: 'is required' },
    { pointer: '/server_id', detail: 'is required' },
  ]);
});

test('an id is 1 to 2147483647 in decimal digits; anything else is 400 with a pointer to it', async () => {
  const service = await startService();
  const bad = ['0', '-1', '1.5', '1.0', '2147483648', '1e3', '0x1', '%2B1', '%201', 'abc', 'true', 'null', '__proto__'];
  for (const id of bad) {
    const cluster = await service.request('GET', `/clusters/${id}`);
    const machine = await service.request('PUT', `/clusters/1/machines/${id}/status`, { status: 'up' });
    const filter = await service.request('GET', `/nodes?machine_id=${id}`);
    const pointers = [cluster, machine, filter].map(({ status, body }) => [id, status, body.errors[0].pointer]);
    expect(pointers).toEqual([
      [id, 400, '/cluster_id'],
      [id, 400, '/machine_id'],
      [id, 400, '/machine_id'],
    ]);
  }
  expect((await service.request('GET', '/clusters/2147483647')).body.code).toBe('unknown_cluster');
});

test('a body that is not JSON, empty or not an object is 400 with the pointer to the whole body', async () => {
  const service = await startService();
  for (const body of ['{not json', ' ', '', '[]', 'null', '5', '"text"']) {
    const answer = await service.request('PUT', '/clusters/1/machines/2/status', body);
    expect([body, answer.status, answer.body.errors[0].pointer]).toEqual([body, 400, '']);
  }
});

test('a body with another media type, or without one, is 415', async () => {
  const service = await startService();
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/problem+json', 'nonsense']) {
    const answer = await service.request('PUT', '/clusters/1/machines/2/status', '{}', { 'content-type': type });
    expect([type, answer.status, answer.body.code]).toEqual([type, 415, 'unsupported_media_type']);
  }
  const untyped = await exchange(
    service,
    'PUT /clusters/1/machines/2/status HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}',
  );
  expect(untyped).toMatch(/^HTTP\/1.1 415 /);
});

test('the media type JSON is accepted with a charset and in upper case', async () => {
  const service = await startService();
  for (const type of ['application/json; charset=utf-8', 'Application/JSON']) {
    const answer = await service.request('POST', '/reload', '{}', { 'content-type': type });
    expect(answer.status).toBe(200);
  }
});

test('a body of 1 MiB is accepted, and one more byte is 413', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  const body = (length: number) => `{"status":"up"}${' '.repeat(length - 15)}`;
  const fits = await service.request('PUT', '/clusters/1/machines/2/status', body(2 ** 20));
  const tooLarge = await service.request('PUT', '/clusters/1/machines/2/status', body(2 ** 20 + 1));
  expect([fits.status, tooLarge.status, tooLarge.body.code]).toEqual([200, 413, 'body_too_large']);
});

test('an invalid percent-encoding in a URL is 400', async () => {
  const service = await startService();
  for (const path of ['/clusters/%ZZ', '/%ff', `/clusters/${'1'.repeat(101)}`]) {
    const answer = await service.request('GET', path);
    expect([path, answer.status, answer.body.code]).toEqual([path, 400, 'invalid_input']);
  }
});

test('invalid HTTP gets a problem document, and other clients do not notice', async () => {
  const service = await startService();
  const requests = [
    'nonsense\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET id HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    'GET /id HTTP/1.1\r\nConnection: close\r\n\r\n',
    'POST /mi HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n',
  ];
  for (const request of requests) {
    const [head = '', body = ''] = (await exchange(service, request)).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1.1 400 Bad Request\r\n.*content-type: application\/problem\+json/is);
    expect(JSON.parse(body)).toMatchObject({ status: 400, code: 'invalid_input' });
  }
  expect((await service.request('GET', '/id')).body).toEqual({ server_id: 0 });
});

test('a connection that closes without a request does no harm', async () => {
  const service = await startService();
  const socket = connect(Number(new URL(service.httpUrl).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
  expect((await service.request('GET', '/healthz')).body).toEqual({ status: 'ok' });
});

test('HEAD returns what GET does, without the body, and a trailing slash is ignored', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  for (const path of ['/nodes', '/clusters/1/machines/2/', '/id']) {
    const [get, head] = [
      await service.request('GET', path),
      await fetch(`${service.httpUrl}${path}`, { method: 'HEAD' }),
    ];
    expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, get.headers.get('etag'), '']);
    expect(head.headers.get('content-length')).toBe(String(get.text.length));
  }
});

test('a repeated query parameter is 400', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  for (const [path, pointer] of [
    ['/nodes?limit=1&limit=2', '/limit'],
    ['/nodes?protocol=bin&protocol=udp', '/protocol'],
    ['/clusters/1/check?server_id=2&address=127.0.0.2&address=127.0.0.3', '/address'],
  ]) {
    const answer = await service.request('GET', path ?? '');
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, pointer]);
  }
});

test('liveness, readiness and the own id can be read', async () => {
  const service = await startService({ CLUSTERER_SERVER_ID: '7' });
  expect((await service.request('GET', '/healthz')).body).toEqual({ status: 'ok' });
  expect((await service.request('GET', '/readyz')).body).toEqual({ status: 'ready' });
  expect((await service.request('GET', '/id')).body).toEqual({ server_id: 7 });
});
