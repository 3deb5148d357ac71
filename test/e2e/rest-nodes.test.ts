import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();

const places = (nodes: { cluster_id: number; machine_id: number }[]) =>
  nodes.map(({ cluster_id, machine_id }) => `${cluster_id}/${machine_id}`);

test('the list has all machines with every field, sorted by cluster and machine', async () => {
  const service = await startService();
  await service.provision(2, 1, '127.0.0.4');
  await service.provision(1, 10, 'bin:[::1]');
  await service.provision(1, 2, 'bin:127.0.0.2:5555', { description: 'sip-2' });
  const { status, body } = await service.request('GET', '/nodes');
  expect([status, places(body.nodes), body.next_cursor]).toEqual([200, ['1/2', '1/10', '2/1'], null]);
  expect(body.nodes[0]).toEqual({
    clusterer_id: 3,
    cluster_id: 1,
    machine_id: 2,
    protocol: 'bin',
    url: 'bin:127.0.0.2:5555',
    address: '127.0.0.2:5555',
    state: 'up',
    description: 'sip-2',
    no_tries: 0,
    failed_attempts: 3,
    duration: 30,
    last_attempt: 0,
    seconds_until_enabling: 0,
    disabled_for: [],
  });
  expect((await service.request('GET', '/clusters')).body).toEqual({
    clusters: [
      { cluster_id: 1, nodes: 2, up: 2, temp_disabled: 0, down: 0 },
      { cluster_id: 2, nodes: 1, up: 1, temp_disabled: 0, down: 0 },
    ],
  });
});

test('filters can be combined, and a list without matches is empty', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2');
  await service.provision(1, 3, 'udp:127.0.0.3', { state: 'down' });
  await service.provision(2, 3, 'bin:127.0.0.3');
  const expected = {
    'cluster_id=1': ['1/2', '1/3'],
    'machine_id=3': ['1/3', '2/3'],
    'protocol=bin': ['1/2', '2/3'],
    'protocol=BIN': ['1/2', '2/3'],
    'state=down': ['1/3'],
    'machine_id=3&protocol=bin': ['2/3'],
    'cluster_id=99': [],
    'state=temp_disabled': [],
  };
  for (const [query, found] of Object.entries(expected)) {
    expect([query, places((await service.request('GET', `/nodes?${query}`)).body.nodes)]).toEqual([query, found]);
  }
  const { body } = await service.request('GET', '/clusters/1/machines?state=down');
  expect(places(body.nodes)).toEqual(['1/3']);
});

test('a limit is 1 to 10000, and invalid filters are reported by name', async () => {
  const service = await startService();
  for (const limit of ['1', '10000']) expect((await service.request('GET', `/nodes?limit=${limit}`)).status).toBe(200);
  for (const query of [
    'limit=0',
    'limit=10001',
    'limit=',
    'limit=x',
    'state=off',
    'cursor=x',
    'cursor=',
    'protocol=',
  ]) {
    const answer = await service.request('GET', `/nodes?${query}`);
    expect([query, answer.status, answer.body.errors[0].pointer]).toEqual([query, 400, `/${query.split('=')[0]}`]);
  }
});

test('pages continue over clusters, and a machine removed between two pages loses no other', async () => {
  const service = await startService();
  for (const [cluster, machine] of [
    [1, 1],
    [1, 2],
    [2, 1],
    [2, 5],
    [3, 1],
  ]) {
    await service.provision(cluster ?? 0, machine ?? 0, 'bin:127.0.0.2');
  }
  const first = await service.request('GET', '/nodes?limit=2');
  expect(places(first.body.nodes)).toEqual(['1/1', '1/2']);
  await service.request('DELETE', '/clusters/1/machines/2');
  await service.request('DELETE', '/clusters/1/machines/1');
  await service.provision(2, 3, 'bin:127.0.0.2');
  const second = await service.request('GET', `/nodes?limit=2&cursor=${first.body.next_cursor}`);
  expect(places(second.body.nodes)).toEqual(['2/1', '2/3']);
  const third = await service.request('GET', `/nodes?limit=2&cursor=${second.body.next_cursor}`);
  expect([places(third.body.nodes), third.body.next_cursor]).toEqual([['2/5', '3/1'], null]);
});

test('the list of an unknown cluster is 404', async () => {
  const service = await startService();
  for (const path of ['/clusters/9', '/clusters/9/machines', '/clusters/9/nodes', '/clusters/9/machines/1']) {
    const answer = await service.request('GET', path);
    expect([path, answer.status, answer.body.code]).toEqual([path, 404, 'unknown_cluster']);
  }
});

test('the ETag of a list depends on its content, and If-None-Match gets 304 without a body', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2');
  const { headers } = await service.request('GET', '/nodes');
  const etag = headers.get('etag') ?? '';
  expect([etag.startsWith('"'), headers.get('vary')]).toEqual([true, 'Accept']);
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const answer = await service.request('GET', '/nodes', undefined, { 'if-none-match': known });
    expect([known, answer.status, answer.text, answer.headers.get('etag'), answer.headers.get('vary')]).toEqual([
      known,
      304,
      '',
      etag,
      'Accept',
    ]);
    // A cache would store these headers with its copy of the list (RFC 9111, 3.2).
    expect(['content-type', 'content-length'].filter((name) => answer.headers.has(name))).toEqual([]);
  }
  const text = await service.request('GET', '/nodes', undefined, { 'if-none-match': etag, accept: 'text/plain' });
  expect([text.status, text.headers.get('etag') === etag]).toEqual([200, false]);
  await service.request('PUT', '/clusters/1/machines/2/status', { status: 'down' });
  expect((await service.request('GET', '/nodes', undefined, { 'if-none-match': etag })).status).toBe(200);
});

test('text/plain is an aligned table, with a note when there are more machines', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2', { description: 'first\nline' });
  await service.provision(1, 30, '127.0.0.3:5070', { state: 'down' });
  const table = await service.request('GET', '/nodes', undefined, { accept: 'text/plain' });
  expect(table.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(table.text).toBe(
    [
      'CLUSTER  MACHINE  STATE  URL             ADDRESS         TRIES  DURATION  ENABLED IN  DISABLED FOR  DESCRIPTION',
      '1        2        up     bin:127.0.0.2   127.0.0.2:5555  0/3    30        0           -             first line',
      '1        30       down   127.0.0.3:5070  127.0.0.3:5070  0/3    30        0           -             -',
      '',
    ].join('\n'),
  );
  const page = await service.request('GET', '/clusters/1/machines?limit=1', undefined, { accept: 'text/plain' });
  expect(page.text).toMatch(/\n\(there are more: cursor=\w+\)\n$/);
});

test('the preferred media type decides between JSON and the table; the default is JSON', async () => {
  const service = await startService();
  for (const [accept, type] of [
    ['text/plain', 'text/plain'],
    ['text/plain; charset=utf-8', 'text/plain'],
    ['text/*', 'text/plain'],
    ['application/json;q=0.5, text/plain', 'text/plain'],
    ['text/plain;q=0.5, application/json', 'application/json'],
    ['text/plain;q=0, */*', 'application/json'],
    ['*/*', 'application/json'],
    ['text/html', 'application/json'],
    ['nonsense', 'application/json'],
  ]) {
    const { status, headers } = await service.request('GET', '/nodes', undefined, { accept: accept ?? '' });
    expect([accept, status, headers.get('content-type')?.split(';')[0]]).toEqual([accept, 200, type]);
  }
});

test('a cached list gets the same response as a new one', async () => {
  const service = await startService();
  await service.provision(1, 2, '127.0.0.2');
  const ask = (init: RequestInit) => fetch(`${service.httpUrl}/nodes?cluster_id=1`, init);
  const headersOf = ({ headers }: Response) => {
    const ofThisAnswer = ['date', 'x-request-id', 'connection', 'keep-alive'];
    return Object.fromEntries([...headers].filter(([name]) => !ofThisAnswer.includes(name)));
  };
  const [made, kept, head] = [await ask({}), await ask({}), await ask({ method: 'HEAD' })];
  const etag = String(made.headers.get('etag'));
  expect([kept.status, await kept.text(), headersOf(kept)]).toEqual([200, await made.text(), headersOf(made)]);
  expect([head.status, await head.text(), headersOf(head)]).toEqual([200, '', headersOf(made)]);
  expect((await ask({ headers: { 'If-None-Match': etag } })).status).toBe(304);
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`x-${index}`, '']));
  expect((await ask({ headers: many })).status).toBe(400);
});
