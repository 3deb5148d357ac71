import { createHash } from 'node:crypto';
import { FakeClock } from '../support/engine/fake-clock.js';
import { EventStream } from '../support/peers/event-stream.js';
import {
  startService,
  startServiceOnDisk,
  stopServicesAfterEach,
  type TestService,
} from '../support/service/service.js';

stopServicesAfterEach();

const INFO = 30;
const linesOf = (service: TestService, msg: string) => service.logLines.filter((line) => line.msg === msg);
const refusalsOf = (service: TestService) =>
  service.logLines.filter(({ msg }) => String(msg).startsWith('request refused'));

test('the first line has what was loaded, from where, and the addresses of the listeners', async () => {
  const service = await startServiceOnDisk({ CLUSTERER_SERVER_ID: '0', CLUSTERER_PERSISTENT_MODE: '1' });
  for (const [clusterId, machineId] of [
    [1, 2],
    [1, 3],
    [7, 2],
  ] as const) {
    await service.provision(clusterId, machineId, 'bin:127.0.0.2');
  }
  await service.stop();
  await service.start();
  expect(linesOf(service, 'listening')).toHaveLength(2);
  expect(linesOf(service, 'listening').at(-1)).toMatchObject({
    level: INFO,
    http: service.httpUrl,
    bin: `127.0.0.1:${service.bin.port}`,
    clusters: 2,
    machines: 3,
    skipped: 0,
    database: `the SQLite file ${service.databaseFile}`,
    table: 'clusterer',
    server_id: 0,
    persistent: true,
  });
});

test('a change of state is one line with its cause, and the token that asked for it', async () => {
  const clock = new FakeClock();
  const secret = createHash('sha256').update('secret').digest('hex');
  const service = await startService({ CLUSTERER_TOKENS: `alice:operate:${secret}` }, { clock });
  const headers = { authorization: 'Bearer secret' };
  const ask = (method: string, path: string, body: object) => service.request(method, path, body, headers);
  await ask('POST', '/clusters/1/machines', { machine_id: 2, url: 'bin:127.0.0.2', failed_attempts: 1, duration: 10 });
  for (const status of ['down', 'down', 'up']) await ask('PUT', '/clusters/1/machines/2/status', { status });
  await ask('PUT', '/clusters/1/machines/2/state', { state: 2 });
  clock.advance(10_000);
  const lines = linesOf(service, 'machine state changed');
  expect(lines.map(({ level, from, to, cause, by }) => [level, from, to, cause, by])).toEqual([
    [INFO, 'up', 'down', 'operator', 'alice'],
    [INFO, 'down', 'up', 'operator', 'alice'],
    [INFO, 'up', 'temp_disabled', 'set_state', 'alice'],
    [INFO, 'temp_disabled', 'up', 'duration_passed', undefined],
  ]);
});

test('the lines of drains and reloads name the token', async () => {
  const clock = new FakeClock();
  const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');
  const tokens = `alice:operate:${hashOf('a')},bob:operate:${hashOf('b')}`;
  const service = await startService({ CLUSTERER_TOKENS: tokens }, { clock });
  const ask = (secret: string, method: string, path: string, body?: object) =>
    service.request(method, path, body, { authorization: `Bearer ${secret}` });
  const status = (secret: string, body: object) => ask(secret, 'PUT', '/clusters/1/machines/2/status', body);
  const until = new Date(clock.now().unixMs + 60_000).toISOString();
  await ask('a', 'POST', '/clusters/1/machines', { machine_id: 2, url: 'bin:127.0.0.2' });
  await status('a', { status: 'down', reason: 'kernel' });
  await status('b', { status: 'down' });
  await status('a', { status: 'down', until });
  clock.advance(60_000);
  await ask('b', 'POST', '/reload');
  expect(linesOf(service, 'machine drained').map(({ by }) => by)).toEqual(['alice', 'alice']);
  expect(linesOf(service, 'drain ended').map(({ cause, by }) => [cause, by])).toEqual([
    ['operator', 'bob'],
    ['drain_end', undefined],
  ]);
  expect(linesOf(service, 'table loaded').map(({ by }) => by)).toEqual([undefined, 'bob']);
});

test('a request keeps its x-request-id, in its answer and in its log line', async () => {
  const service = await startService();
  const answer = await service.request('GET', '/nodes?cluster_id=1', undefined, { 'x-request-id': 'edge-1/7f' });
  expect(answer.headers.get('x-request-id')).toBe('edge-1/7f');
  expect(await service.logLine({ request_id: 'edge-1/7f' })).toMatchObject({
    level: 20,
    msg: 'request completed',
    method: 'GET',
    path: '/nodes',
    status: 200,
  });
});

test('a refused request has one line at the level debug too', async () => {
  const service = await startService();
  await service.request('GET', '/nope', undefined, { 'x-request-id': 'refused-1' });
  await service.request('GET', '/id', undefined, { 'x-request-id': 'answered-1' });
  await service.logLine({ request_id: 'answered-1' });
  const lines = service.logLines.filter((line) => line.request_id === 'refused-1');
  expect(lines.map(({ level, status }) => [level, status])).toEqual([[INFO, 404]]);
});

test('a request without a valid id gets a new one, whatever its answer', async () => {
  const service = await startService();
  const ids: unknown[] = [];
  for (const [path, id] of [
    ['/nodes', ''],
    ['/nodes', 'two words'],
    ['/nope', 'x'.repeat(129)],
    ['/%zz', '"'],
  ] as const) {
    const { headers } = await service.request('GET', path, undefined, { 'x-request-id': id });
    ids.push(headers.get('x-request-id'));
  }
  const stream = await EventStream.open(`${service.httpUrl}/events`);
  ids.push(stream.header('x-request-id'));
  stream.close();
  for (const id of ids) expect(id).toMatch(/^[\w-]{8}-\d+$/);
  expect(new Set(ids).size).toBe(ids.length);
});

test('a refused request is one line with its id and without its query', async () => {
  const service = await startService({ CLUSTERER_LOG_LEVEL: 'info' });
  const { headers } = await service.request('GET', '/nodes?limit=s3cret');
  const line = await service.logLine({ code: 'invalid_input' });
  expect(line).toMatchObject({
    level: INFO,
    request_id: headers.get('x-request-id'),
    method: 'GET',
    path: '/nodes',
    address: '127.0.0.1',
    status: 400,
  });
  await service.request('GET', '/nodes');
  expect(refusalsOf(service)).toHaveLength(1);
  expect(linesOf(service, 'request completed')).toEqual([]);
  expect(JSON.stringify(service.logLines)).not.toContain('s3cret');
});

test('the log has few lines about a client that is refused repeatedly', async () => {
  const service = await startService();
  const begun = performance.now();
  for (let i = 0; i < 100; i++) await service.request('GET', '/nope');
  const seconds = Math.ceil((performance.now() - begun) / 1000);
  await service.logLine({ code: 'unknown_route' });
  expect(refusalsOf(service).length).toBeLessThanOrEqual(seconds + 1);
});
