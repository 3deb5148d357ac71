import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();

const MACHINES = '/clusters/1/machines';

test('a machine is created with the defaults of the table', async () => {
  const service = await startService();
  const answer = await service.request('POST', MACHINES, { machine_id: 2, url: 'bin:127.0.0.2:5555' });
  expect(answer.status).toBe(201);
  expect(answer.body).toEqual({
    clusterer_id: 1,
    cluster_id: 1,
    machine_id: 2,
    protocol: 'bin',
    url: 'bin:127.0.0.2:5555',
    address: '127.0.0.2:5555',
    state: 'up',
    description: null,
    no_tries: 0,
    failed_attempts: 3,
    duration: 30,
    last_attempt: 0,
    seconds_until_enabling: 0,
    disabled_for: [],
  });
  const read = await service.request('GET', `${MACHINES}/2`);
  expect([read.body, read.headers.get('etag')]).toEqual([answer.body, answer.headers.get('etag')]);
  const again = await service.request('POST', MACHINES, { machine_id: 2, url: 'bin:127.0.0.3' });
  expect([again.status, again.body.code]).toEqual([409, 'duplicate_machine']);
});

test('every form of url has its protocol and address', async () => {
  const service = await startService();
  const forms: readonly (readonly [string, string, string | null])[] = [
    ['bin:127.0.0.2:5556', 'bin', '127.0.0.2:5556'],
    ['bin:127.0.0.2', 'bin', '127.0.0.2:5555'],
    ['BIN:127.0.0.2', 'bin', '127.0.0.2:5555'],
    ['bin:[::1]:5556', 'bin', '[::1]:5556'],
    ['[0:0:0:0:0:0:0:1]', 'udp', '[::1]:5060'],
    ['127.0.0.3:5070', 'udp', '127.0.0.3:5070'],
    ['bin:localhost:5555', 'bin', '127.0.0.1:5555'],
    ['localhost', 'udp', '127.0.0.1:5060'],
    ['tls:127.0.0.3', 'tls', '127.0.0.3:5061'],
    ['bin:no-such-host.invalid', 'bin', null],
    [`bin:${'a'.repeat(30)}.${'b'.repeat(21)}.invalid`, 'bin', null],
  ];
  for (const [index, [url, protocol, address]] of forms.entries()) {
    const answer = await service.request('POST', MACHINES, { machine_id: index + 1, url });
    expect([url, answer.status, answer.body]).toMatchObject([url, 201, { url, protocol, address }]);
  }
});

test('an invalid url is 400 with a pointer to it', async () => {
  const service = await startService();
  const bad = [
    '',
    'bin:',
    ':5555',
    'bin::5555',
    'sip:127.0.0.2',
    'http://127.0.0.2',
    'bin://127.0.0.2',
    'bin:127.0.0.256',
    'bin:127.0.2',
    'bin:127.0.0.2:0',
    'bin:127.0.0.2:65536',
    'bin:127.0.0.2:',
    'bin:::1',
    '::1',
    'bin:[::1',
    'bin:[fe80::1%eth0]',
    'bin:a b',
    'bin:a..b',
    'bin:-a',
    ' bin:127.0.0.2',
    `bin:${'a'.repeat(30)}.${'b'.repeat(22)}.invalid`,
    5,
    null,
  ];
  for (const url of bad) {
    const answer = await service.request('POST', MACHINES, { machine_id: 2, url });
    expect([url, answer.status, answer.body.errors?.[0]?.pointer]).toEqual([url, 400, '/url']);
  }
  expect((await service.request('GET', '/nodes')).body.nodes).toEqual([]);
});

test('invalid fields are rejected, each with a pointer', async () => {
  const service = await startService();
  const bad = {
    machine_id: 0,
    description: 'x'.repeat(65),
    state: 'temp_disabled',
    failed_attempts: 1.5,
    duration: -1,
    no_tries: 1,
    clusterer_id: 1,
  };
  for (const [field, value] of Object.entries(bad)) {
    const answer = await service.request('POST', MACHINES, { machine_id: 2, url: 'bin:127.0.0.2', [field]: value });
    expect([field, answer.status, answer.body.errors[0].pointer]).toEqual([field, 400, `/${field}`]);
  }
  const nul = await service.request('POST', MACHINES, { machine_id: 2, url: 'bin:127.0.0.2', description: 'a\0b' });
  expect([nul.status, nul.body.errors[0].pointer]).toEqual([400, '/description']);
});

test('every field may be set, and a description is text or null', async () => {
  const service = await startService();
  const given = { state: 'down', failed_attempts: 0, duration: 0, description: 'é'.repeat(64) };
  expect(await service.provision(1, 2, 'bin:127.0.0.2', given)).toMatchObject(given);
  expect(await service.provision(1, 3, 'bin:127.0.0.2', { description: null })).toMatchObject({ description: null });
  expect(await service.provision(1, 2147483647, 'bin:127.0.0.2', { description: '' })).toMatchObject({
    machine_id: 2147483647,
    description: null,
  });
});

test('PUT creates a machine, then changes only the given fields', async () => {
  const service = await startService();
  const created = await service.request('PUT', `${MACHINES}/2`, { url: 'bin:127.0.0.2', description: 'one' });
  expect([created.status, created.body.description]).toEqual([201, 'one']);
  for (const change of [
    { description: 'two' },
    { description: null },
    { duration: 5 },
    { failed_attempts: 9 },
    { state: 'down' },
    { url: 'bin:127.0.0.9:5' },
    {},
  ]) {
    const before = (await service.request('GET', `${MACHINES}/2`)).body;
    const { status, body } = await service.request('PUT', `${MACHINES}/2`, change);
    const moved = 'url' in change && { address: '127.0.0.9:5' };
    expect([status, body]).toEqual([200, { ...before, ...change, ...moved }]);
  }
});

test('PUT may repeat the machine id of the path, but not have another', async () => {
  const service = await startService();
  const same = await service.request('PUT', `${MACHINES}/2`, { machine_id: 2, url: 'bin:127.0.0.2' });
  const other = await service.request('PUT', `${MACHINES}/2`, { machine_id: 3, url: 'bin:127.0.0.2' });
  expect([same.status, other.status, other.body.errors[0].pointer]).toEqual([201, 400, '/machine_id']);
});

test('an invalid url is named beside the other invalid fields', async () => {
  const service = await startService();
  const pointers = async (method: string, path: string, body: object) =>
    (await service.request(method, path, body)).body.errors.map(({ pointer }: { pointer: string }) => pointer);
  expect(await pointers('POST', MACHINES, { machine_id: 0, url: 'foo:10.0.0.1' })).toEqual(['/machine_id', '/url']);
  expect(await pointers('POST', MACHINES, { url: 'bin:' })).toEqual(['/machine_id', '/url']);
  expect(await pointers('PUT', `${MACHINES}/2`, { url: ':', duration: -1 })).toEqual(['/duration', '/url']);
});

test('PUT of a new machine needs a url', async () => {
  const service = await startService();
  const answer = await service.request('PUT', `${MACHINES}/2`, { description: 'one' });
  expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, '/url']);
});

test('a removed machine is gone, and so is a cluster without rows', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2');
  await service.provision(1, 3, 'bin:127.0.0.3');
  const removed = await service.request('DELETE', `${MACHINES}/2`);
  expect([removed.status, removed.text]).toEqual([204, '']);
  expect((await service.request('DELETE', `${MACHINES}/2`)).body.code).toBe('unknown_machine');
  expect((await service.request('GET', `${MACHINES}/2`)).body.code).toBe('unknown_machine');
  expect((await service.request('DELETE', `${MACHINES}/3`)).status).toBe(204);
  expect((await service.request('DELETE', `${MACHINES}/3`)).body.code).toBe('unknown_cluster');
  expect((await service.request('GET', '/clusters')).body).toEqual({ clusters: [] });
});

test('a strong ETag changes with url, description, limits and state only', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2');
  const tag = async () => (await service.request('GET', `${MACHINES}/2`)).headers.get('etag') ?? '';
  const tags = [await tag()];
  expect(tags[0]).toMatch(/^"[^"]+"$/);
  for (const change of [
    { url: 'bin:127.0.0.3' },
    { description: 'x' },
    { failed_attempts: 4 },
    { duration: 31 },
    { state: 'down' },
  ]) {
    const put = await service.request('PUT', `${MACHINES}/2`, change);
    tags.push(await tag());
    expect(put.headers.get('etag')).toBe(tags.at(-1));
  }
  expect(new Set(tags).size).toBe(6);
  await service.request('PUT', `${MACHINES}/2/status`, { status: 'up' });
  const before = await tag();
  const tried = await service.request('PUT', `${MACHINES}/2/state`, { state: 2 });
  expect([tried.body.no_tries, tried.headers.get('etag'), await tag()]).toEqual([1, before, before]);
});

test('a machine is 304 without a body for a client that has its ETag', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2');
  const etag = (await service.request('GET', `${MACHINES}/2`)).headers.get('etag') ?? '';
  for (const known of [etag, `W/${etag}`, `"a", ${etag}`, '*']) {
    const answer = await service.request('GET', `${MACHINES}/2`, undefined, { 'if-none-match': known });
    expect([known, answer.status, answer.text, answer.headers.get('etag')]).toEqual([known, 304, '', etag]);
  }
  const other = await service.request('GET', `${MACHINES}/2`, undefined, { 'if-none-match': '"a"' });
  expect(other.status).toBe(200);
});

test('If-Match allows a change of the current version only; 412 has the machine', async () => {
  const service = await startService();
  const machine = await service.provision(1, 2, 'bin:127.0.0.2');
  const etag = (await service.request('GET', `${MACHINES}/2`)).headers.get('etag') ?? '';
  const calls: readonly (readonly [string, string, object | undefined])[] = [
    ['PUT', `${MACHINES}/2`, { duration: 99 }],
    ['PUT', `${MACHINES}/2/status`, { status: 'down' }],
    ['PUT', `${MACHINES}/2/state`, { state: 'down' }],
    ['DELETE', `${MACHINES}/2`, undefined],
  ];
  for (const [method, path, body] of calls) {
    for (const given of ['"old"', `W/${etag}`]) {
      const answer = await service.request(method, path, body, { 'if-match': given });
      expect([path, answer.status, answer.body.code]).toEqual([path, 412, 'precondition_failed']);
      expect([answer.body.machine, answer.headers.get('etag')]).toEqual([machine, etag]);
    }
  }
  for (const given of [etag, `"old", ${etag}`, '*']) {
    const answer = await service.request('PUT', `${MACHINES}/2`, { duration: 30 }, { 'if-match': given });
    expect([given, answer.status]).toEqual([given, 200]);
  }
  const absent = await service.request('PUT', `${MACHINES}/3`, { url: 'bin:127.0.0.3' }, { 'if-match': '*' });
  expect([absent.status, absent.body.machine]).toEqual([412, undefined]);
  expect((await service.request('DELETE', `${MACHINES}/2`, undefined, { 'if-match': etag })).status).toBe(204);
});

test('If-None-Match allows to create a machine, but not to change an existing one', async () => {
  const service = await startService();
  const make = () => service.request('PUT', `${MACHINES}/2`, { url: 'bin:127.0.0.2' }, { 'if-none-match': '*' });
  const made = await make();
  expect(made.status).toBe(201);
  const again = await make();
  expect([again.status, again.body.code, again.body.machine]).toEqual([412, 'precondition_failed', made.body]);
  const etag = made.headers.get('etag') ?? '';
  for (const [known, status] of [
    [etag, 412],
    [`W/${etag}`, 412],
    ['"another"', 200],
  ] as const) {
    const answer = await service.request('PUT', `${MACHINES}/2`, { description: 'x' }, { 'if-none-match': known });
    expect([known, answer.status]).toEqual([known, status]);
  }
});

test('a member provisions only its own clusters; its own row creates one', async () => {
  const service = await startService({ CLUSTERER_SERVER_ID: '7' });
  for (const [method, path] of [
    ['POST', MACHINES],
    ['PUT', `${MACHINES}/2`],
  ] as const) {
    const answer = await service.request(method, path, { machine_id: 2, url: 'bin:127.0.0.2' });
    expect([answer.status, answer.body.code]).toEqual([409, 'not_a_member']);
  }
  expect((await service.request('PUT', `${MACHINES}/7`, { url: 'bin:127.0.0.1' })).status).toBe(201);
  expect((await service.request('POST', MACHINES, { machine_id: 2, url: 'bin:127.0.0.2' })).status).toBe(201);
  const cluster = await service.request('GET', '/clusters/1');
  expect(cluster.body).toEqual({ cluster_id: 1, nodes: 1, up: 1, temp_disabled: 0, down: 0 });
});

test('the own row is not listed, has no status or state, and may be changed and removed', async () => {
  const service = await startService({ CLUSTERER_SERVER_ID: '7' });
  expect(await service.provision(1, 7, 'bin:127.0.0.1')).toMatchObject({ machine_id: 7, address: '127.0.0.1:5555' });
  const again = await service.request('POST', MACHINES, { machine_id: 7, url: 'bin:127.0.0.1' });
  expect([again.status, again.body.code]).toEqual([409, 'duplicate_machine']);
  for (const path of ['/nodes', '/clusters/1/nodes', MACHINES]) {
    expect((await service.request('GET', path)).body.nodes).toEqual([]);
  }
  for (const [method, path, body] of [
    ['GET', `${MACHINES}/7`, undefined],
    ['PUT', `${MACHINES}/7/status`, { status: 'up' }],
    ['PUT', `${MACHINES}/7/state`, { state: 2 }],
  ] as const) {
    const answer = await service.request(method, path, body);
    expect([path, answer.status, answer.body.code]).toEqual([path, 404, 'unknown_machine']);
  }
  const changed = await service.request('PUT', `${MACHINES}/7`, { description: 'me' });
  expect([changed.status, changed.body.description]).toEqual([200, 'me']);
  const etag = changed.headers.get('etag') ?? '';
  const stale = await service.request('PUT', `${MACHINES}/7`, { description: 'you' }, { 'if-match': '"stale"' });
  expect([stale.status, stale.body.machine.description]).toEqual([412, 'me']);
  expect((await service.request('PUT', `${MACHINES}/7`, { description: 'you' }, { 'if-match': etag })).status).toBe(
    200,
  );
  const state = await service.request('PUT', `${MACHINES}/7`, { state: 'down' });
  expect([state.status, state.body.errors[0].pointer]).toEqual([400, '/state']);
  await service.provision(1, 2, 'bin:127.0.0.2');
  expect((await service.request('DELETE', `${MACHINES}/7`)).status).toBe(204);
  expect((await service.request('GET', '/clusters')).body).toEqual({ clusters: [] });
});
