import { FakeClock } from '../support/engine/fake-clock.js';
import type { Answer } from '../support/service/checked-requests.js';
import {
  startService,
  startServiceOnDisk,
  stopServicesAfterEach,
  type TestService,
} from '../support/service/service.js';
import { withTable } from '../support/tables/table.js';

stopServicesAfterEach();

const STATUS = '/clusters/1/machines/2/status';
const MACHINE = '/clusters/1/machines/2';

/** A service with machine 2 in cluster 1, and times by its wall clock. */
async function startWithMachine(environment: Readonly<Record<string, string>> = {}, start = startService) {
  const clock = new FakeClock();
  const service = await start(environment, { clock });
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  const inSeconds = (seconds: number) => new Date(clock.now().unixMs + 1000 * seconds).toISOString();
  return { service, clock, inSeconds };
}

async function drain(service: TestService, body: object): Promise<Answer> {
  return service.request('PUT', STATUS, { status: 'down', ...body });
}

async function shown(service: TestService): Promise<Answer['body']> {
  return (await service.request('GET', MACHINE)).body;
}

const MODES = [
  ['without persistent mode', {}],
  ['in persistent mode', { CLUSTERER_PERSISTENT_MODE: '1' }],
] as const;

test('without persistent mode a reload can undo a plain status down, as its description says, and no drain', async () => {
  const { service } = await startWithMachine();
  for (const [body, after] of [
    [{}, 'up'],
    [{ reason: 'set down' }, 'down'],
  ] as const) {
    await drain(service, body);
    expect((await shown(service)).state).toBe('down');
    await service.request('POST', '/reload');
    expect((await shown(service)).state).toBe(after);
  }
  const { body: document } = await service.request('GET', '/openapi.json');
  for (const call of ['status', 'state']) {
    const { description } = document.paths[`/clusters/{cluster_id}/machines/{machine_id}/${call}`].put;
    expect(description).toMatch(/persistent mode.*reload.*reads the state from the table again.*drain/);
  }
});

describe('a drain', () => {
  it.each([
    ['a reason', { reason: 'kernel update' }],
    ['an end', { until: true }],
    ['both', { reason: 'kernel update', until: true }],
  ])('is a status down with %s, and shows in the machine', async (_, asked: { reason?: string; until?: boolean }) => {
    const { service, inSeconds } = await startWithMachine();
    const until = inSeconds(3600);
    const { reason = null } = asked;

    const answer = await drain(service, { ...asked, ...(asked.until && { until }) });

    const expected = { reason, until: asked.until ? until : null, by: null, since: inSeconds(0) };
    expect([answer.status, answer.body.state, answer.body.drain]).toEqual([200, 'down', expected]);
    expect(await shown(service)).toEqual(answer.body);
    expect((await service.request('GET', '/nodes')).body.nodes).toEqual([answer.body]);
  });

  it('ends by itself at its time, even when the wall clock jumps', async () => {
    const { service, clock, inSeconds } = await startWithMachine();
    await drain(service, { until: inSeconds(60) });

    clock.jumpWall(3_600_000);
    clock.advance(59_999);
    expect((await shown(service)).state).toBe('down');
    clock.advance(1);

    const machine = await shown(service);
    expect([machine.state, 'drain' in machine]).toEqual(['up', false]);
  });

  it('is replaced by another drain', async () => {
    const { service, clock, inSeconds } = await startWithMachine();
    await drain(service, { reason: 'kernel update', until: inSeconds(60) });
    clock.advance(1000);

    await drain(service, { reason: 'new disk' });

    const { drain: shows } = await shown(service);
    expect(shows).toEqual({ reason: 'new disk', until: null, by: null, since: inSeconds(0) });
    clock.advance(600_000);
    expect((await shown(service)).state).toBe('down');
  });

  it('that another service on the table has extended stays in the table when the earlier one ends', async () => {
    const { service, clock, inSeconds } = await startWithMachine({}, startServiceOnDisk);
    await drain(service, { until: inSeconds(60) });
    const other = await startService({ CLUSTERER_DB_URL: `file:${service.databaseFile}` }, { clock });
    clock.advance(1000);
    const longer = (await drain(service, { until: inSeconds(3600) })).body;

    clock.advance(60_000);
    expect((await shown(other)).state).toBe('up');
    await other.stop();
    await service.request('POST', '/reload');

    expect(await shown(service)).toEqual(longer);
  });

  it.each([
    ['a status up', 'PUT', STATUS, { status: 'up' }, 'up'],
    ['a status down without a reason', 'PUT', STATUS, { status: 'down' }, 'down'],
    ['the state up', 'PUT', `${MACHINE}/state`, { state: 1 }, 'up'],
    ['the state down', 'PUT', `${MACHINE}/state`, { state: 'down' }, 'down'],
    ['a provisioned state', 'PUT', MACHINE, { state: 'down' }, 'down'],
    [
      'the MI command',
      'POST',
      '/mi',
      { jsonrpc: '2.0', id: 1, method: 'clusterer_set_status', params: ['1', '2', '0'] },
      'down',
    ],
  ])('ends with %s', async (_, method, path, body, state) => {
    const { service, inSeconds } = await startWithMachine();
    await drain(service, { reason: 'kernel update', until: inSeconds(60) });

    await service.request(method, path, body);
    await service.request('POST', '/reload');
    await service.request(method, path, body);

    const machine = await shown(service);
    expect([machine.state, 'drain' in machine]).toEqual([state, false]);
  });

  it('is written again in persistent mode when another program has written another state', async () => {
    const { service, inSeconds } = await startWithMachine({ CLUSTERER_PERSISTENT_MODE: '1' }, startServiceOnDisk);
    await drain(service, { until: inSeconds(3600) });
    const states = () => withTable(service, (table) => table.states());
    const overwrite = () => withTable(service, (table) => table.run('UPDATE clusterer SET state = 2, no_tries = 3'));
    // A reload writes before it reads.
    const reload = () => service.request('POST', '/reload');
    await reload();
    expect(await states()).toEqual([[2, 0, 0, 0]]);

    for (const load of [reload, () => service.request('PUT', MACHINE, { description: 'sip-2' })]) {
      await overwrite();
      await load();
      await reload();
      expect(await states()).toMatchObject([[2, 0, expect.any(Number), 0]]);
    }
    expect((await shown(service)).state).toBe('down');
  });

  it('is kept after failed attempts, a new address and a new description', async () => {
    const { service } = await startWithMachine();
    await drain(service, { reason: 'kernel update' });
    const before = await shown(service);

    await service.request('PUT', `${MACHINE}/state`, { state: 2 });
    await service.request('PUT', MACHINE, { url: 'bin:127.0.0.9:5555', description: 'sip-2' });

    const address = { url: 'bin:127.0.0.9:5555', address: '127.0.0.9:5555', description: 'sip-2' };
    expect(await shown(service)).toEqual({ ...before, ...address });
  });

  it('is refused when its end is not a time, is in the past, or comes with up', async () => {
    const { service, clock, inSeconds } = await startWithMachine();
    const now = clock.now().unixMs;
    for (const [body, pointer] of [
      [{ status: 'down', until: 'tomorrow' }, '/until'],
      [{ status: 'down', until: '2030-02-30T00:00:00Z' }, '/until'],
      [{ status: 'down', until: '2030-01-01T00:00:00' }, '/until'],
      [{ status: 'down', until: 2_000_000_000 }, '/until'],
      [{ status: 'down', until: new Date(now).toISOString() }, '/until'],
      [{ status: 'up', until: inSeconds(60) }, '/until'],
      [{ status: 'down', reason: '' }, '/reason'],
      [{ status: 'down', reason: 'x'.repeat(201) }, '/reason'],
      [{ status: 'down', reason: 'a\u0000b' }, '/reason'],
    ] as const) {
      const answer = await service.request('PUT', STATUS, body);
      expect([body, answer.status, answer.body.code]).toEqual([body, 400, 'invalid_input']);
      expect(answer.body.errors).toEqual([{ pointer, detail: expect.any(String) }]);
    }
    expect((await shown(service)).state).toBe('up');
  });

  it('accepts any time zone and any fraction of a second', async () => {
    const { service } = await startWithMachine();
    const answer = await drain(service, { until: '2099-12-31T23:59:59.1234567+05:30', reason: '漢'.repeat(200) });
    expect(answer.body.drain.until).toBe('2099-12-31T18:29:59.123Z');
  });

  it('changes the ETag of the machine, which If-Match is compared with', async () => {
    const { service, clock, inSeconds } = await startWithMachine();
    const etag = async () => (await service.request('GET', MACHINE)).headers.get('etag') ?? '';
    const up = await etag();
    const set = await drain(service, { reason: 'kernel update' });
    expect(set.headers.get('etag')).toBe(await etag());
    const first = await etag();

    clock.advance(1);
    await drain(service, { reason: 'kernel update', until: inSeconds(60) });
    const refused = await service.request('PUT', STATUS, { status: 'up' }, { 'if-match': first });

    expect([refused.status, refused.body.machine.drain.reason]).toEqual([412, 'kernel update']);
    expect(new Set([up, first, await etag()]).size).toBe(3);
    const lifted = await service.request('PUT', STATUS, { status: 'up' }, { 'if-match': await etag() });
    expect([lifted.status, lifted.headers.get('etag')]).toEqual([200, up]);
  });

  it('is reported to watchers when it is set, is changed and ends', async () => {
    const { service, clock, inSeconds } = await startWithMachine();
    const watcher = await service.socket();
    await watcher.call('watch', {});

    await drain(service, { reason: 'kernel update' });
    await drain(service, { reason: 'new disk', until: inSeconds(60) });
    clock.advance(60_000);

    const [set, ended] = await watcher.first('node_state', 2);
    const [changed] = await watcher.first('machine_changed');
    expect(set).toMatchObject({ from: 'up', cause: 'operator', machine: { drain: { reason: 'kernel update' } } });
    expect(changed).toMatchObject({ cause: 'operator', machine: { state: 'down', drain: { reason: 'new disk' } } });
    expect(ended).toMatchObject({ from: 'down', to: 'up', cause: 'drain_end' });
    expect(ended?.machine).not.toHaveProperty('drain');
    const { nodes } = (await watcher.call('watch', {})) as { nodes: unknown[] };
    expect(nodes).toEqual([await shown(service)]);
  });

  describe.each(MODES)('%s', (_mode, environment) => {
    it('is in force after a reload and a restart, and still ends at its time', async () => {
      const { service, clock, inSeconds } = await startWithMachine(environment, startServiceOnDisk);
      const { drain: set } = (await drain(service, { reason: 'kernel update', until: inSeconds(60) })).body;

      await service.request('POST', '/reload');
      expect(await shown(service)).toMatchObject({ state: 'down', drain: set });
      await service.stop();
      clock.advance(20_000);
      await service.start();

      expect(await shown(service)).toMatchObject({ state: 'down', drain: set });
      clock.advance(40_000);
      expect((await shown(service)).state).toBe('up');
      await service.request('POST', '/reload');
      expect((await shown(service)).state).toBe('up');
    });

    it('that ended while the service was down is removed at the start', async () => {
      const { service, clock, inSeconds } = await startWithMachine(environment, startServiceOnDisk);
      await drain(service, { until: inSeconds(60) });
      await service.stop();
      const inTable = await withTable(service, (table) => table.states());
      expect(inTable).toMatchObject([[2, 'CLUSTERER_PERSISTENT_MODE' in environment ? 0 : 1, 0, 0]]);
      clock.advance(60_000);

      await service.start();

      expect((await shown(service)).state).toBe('up');
      await service.stop();
      expect(await withTable(service, (table) => table.query('SELECT * FROM clusterer_drains'))).toEqual([]);
      expect(await withTable(service, (table) => table.states())).toMatchObject([[2, 1, 0, 0]]);
    });

    it('that was lifted is not in force after a restart', async () => {
      const { service } = await startWithMachine(environment, startServiceOnDisk);
      await drain(service, { reason: 'kernel update' });
      await service.request('PUT', STATUS, { status: 'up' });

      await service.stop();
      await service.start();

      const machine = await shown(service);
      expect([machine.state, 'drain' in machine]).toEqual(['up', false]);
    });
  });

  it('is removed with its machine: when it is provisioned again, it has none', async () => {
    const { service } = await startWithMachine();
    await drain(service, { reason: 'kernel update' });
    await service.request('DELETE', MACHINE);
    await service.provision(1, 2, 'bin:127.0.0.2:5555');

    await service.request('POST', '/reload');

    expect((await shown(service)).state).toBe('up');
  });

  it('waits for a row that another program deleted, and is removed when the machine is provisioned again', async () => {
    const { service } = await startWithMachine({}, startServiceOnDisk);
    await service.provision(1, 3, 'bin:127.0.0.3:5555');
    await drain(service, { reason: 'kernel update' });
    const row = "(clusterer_id, cluster_id, machine_id, url) VALUES (7, 1, 2, 'bin:127.0.0.2:5555')";

    await withTable(service, (table) => table.run('DELETE FROM clusterer WHERE machine_id = 2'));
    await service.request('POST', '/reload');
    await withTable(service, (table) => table.run(`INSERT INTO clusterer ${row}`));
    await service.request('POST', '/reload');
    expect((await shown(service)).drain.reason).toBe('kernel update');

    await withTable(service, (table) => table.run('DELETE FROM clusterer WHERE machine_id = 2'));
    await service.request('POST', '/reload');
    expect((await service.provision(1, 2, 'bin:127.0.0.2:5555')).state).toBe('up');
    await service.request('POST', '/reload');
    expect((await shown(service)).state).toBe('up');
  });

  it('of a row that does not come back before its end is removed', async () => {
    const { service, clock, inSeconds } = await startWithMachine({}, startServiceOnDisk);
    await service.provision(1, 3, 'bin:127.0.0.3:5555');
    await drain(service, { until: inSeconds(60) });
    await withTable(service, (table) => table.run('DELETE FROM clusterer WHERE machine_id = 2'));
    await service.request('POST', '/reload');

    clock.advance(60_000);
    await service.request('POST', '/reload');
    await service.stop();

    expect(await withTable(service, (table) => table.query('SELECT * FROM clusterer_drains'))).toEqual([]);
  });

  it('that another service set or lifted is read by a reload', async () => {
    const { service, clock } = await startWithMachine({}, startServiceOnDisk);
    const { unixMs } = clock.now();
    await withTable(service, (table) =>
      table.run(`INSERT INTO clusterer_drains VALUES (1, 2, 'elsewhere', NULL, 'bob', ${unixMs})`),
    );
    await service.request('POST', '/reload');
    expect((await shown(service)).drain).toMatchObject({ reason: 'elsewhere', by: 'bob' });

    await withTable(service, (table) => table.run('DELETE FROM clusterer_drains'));
    await service.request('POST', '/reload');

    expect((await shown(service)).state).toBe('up');
  });

  it('is in force in a member too, and never for its own row', async () => {
    const { service } = await startWithOwnRow();
    await drain(service, { reason: 'kernel update' });
    const own = await service.request('PUT', '/clusters/1/machines/1/status', { status: 'down', reason: 'me' });
    expect(own.status).toBe(404);

    await service.request('POST', '/reload');
    await service.stop();
    await service.start();

    expect((await shown(service)).drain.reason).toBe('kernel update');
  });
});

async function startWithOwnRow() {
  const service = await startService({ CLUSTERER_SERVER_ID: '1' }, { clock: new FakeClock() });
  await service.provision(1, 1, 'bin:127.0.0.1:5555');
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  return { service };
}
