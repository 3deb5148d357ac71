import { createHash } from 'node:crypto';
import { createLimitedUser } from '../integration/limited-user.js';
import { DATABASES } from '../integration/store-databases.js';
import { FakeClock } from '../support/engine/fake-clock.js';
import type { Answer } from '../support/service/checked-requests.js';
import {
  startService,
  startServiceOnDisk,
  stopServicesAfterEach,
  type TestService,
} from '../support/service/service.js';
import { endProcessesAfterEach, ServiceProcess } from '../support/service/service-process.js';
import { withTable } from '../support/tables/table.js';

stopServicesAfterEach();
endProcessesAfterEach();

const STATUS = '/clusters/1/machines/2/status';

const TOKENS = ['alice:operate', 'mod:module'].map((who) => {
  const [name] = who.split(':');
  return `${who}:${createHash('sha256').update(`${name}-secret`).digest('hex')}`;
});
const as = (name: string) => ({ authorization: `Bearer ${name}-secret` });

async function history(
  service: TestService,
  query = '',
  headers: Record<string, string> = {},
): Promise<Answer['body']> {
  return (await service.request('GET', `/history${query}`, undefined, headers)).body;
}

/** `[kind, cause, by, detail]` of every entry, oldest first. */
async function entriesOf(service: TestService, query = '', headers: Record<string, string> = {}): Promise<unknown[][]> {
  const { entries } = await history(service, query, headers);
  return entries.map(({ kind, cause, by, detail }: Record<string, unknown>) => [kind, cause, by, detail]).reverse();
}

describe('the history', () => {
  it('records states, drains, provisioning, reloads and registrations, with cause, token and time', async () => {
    const clock = new FakeClock();
    const service = await startService({ CLUSTERER_TOKENS: TOKENS.join(',') }, { clock });
    const [alice, mod] = [as('alice'), as('mod')];
    const at = new Date(clock.now().unixMs).toISOString();
    const until = new Date(clock.now().unixMs + 60_000).toISOString();

    const body = { machine_id: 2, url: 'bin:127.0.0.2:5555', failed_attempts: 1 };
    await service.request('POST', '/clusters/1/machines', body, alice);
    await service.request('PUT', '/clusters/1/machines/2', { description: 'sip-2', duration: 5 }, alice);
    await service.request('PUT', STATUS, { status: 'down', reason: 'kernel update', until }, alice);
    await service.request('PUT', STATUS, { status: 'up', reason: 'false alarm' }, alice);
    await service.request('PUT', '/clusters/1/machines/2/state', { state: 2 }, mod);
    clock.advance(5_000);
    await service.request('POST', '/reload', undefined, alice);
    const client = await service.socket(undefined, mod);
    const module = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 1 };
    const { registration, number } = await client.call('register_module', module);
    await client.call('unregister_module', { registration });
    await service.request('DELETE', '/clusters/1/machines/2', undefined, alice);

    const counts = { clusters: 0, nodes: 0, added: 0, removed: 0, changed: 0, skipped: 0 };
    const drain = { reason: 'kernel update', until, by: 'alice', since: at };
    const request = { number, module: 'ul', protocol: 'bin', timeout: 0, auth_check: false };
    const url = 'bin:127.0.0.2:5555';
    expect(await entriesOf(service, '', alice)).toEqual([
      ['reload', 'start', null, counts],
      ['provisioning', null, 'alice', { change: 'created', url, fields: ['url', 'failed_attempts'] }],
      ['provisioning', null, 'alice', { change: 'changed', url, fields: ['description', 'duration'] }],
      ['drain', 'operator', 'alice', { change: 'set', ...drain }],
      ['node_state', 'operator', 'alice', { from: 'up', to: 'down' }],
      ['drain', 'operator', 'alice', { change: 'ended', ...drain }],
      ['node_state', 'operator', 'alice', { from: 'down', to: 'up', reason: 'false alarm' }],
      ['node_state', 'set_state', 'mod', { from: 'up', to: 'temp_disabled' }],
      ['node_state', 'duration_passed', null, { from: 'temp_disabled', to: 'up' }],
      ['reload', null, 'alice', { ...counts, clusters: 1, nodes: 1, changed: 1 }],
      ['registration', null, 'mod', { change: 'made', ...request }],
      ['registration', 'unregistered', 'mod', { change: 'ended', ...request }],
      ['provisioning', null, 'alice', { change: 'deleted', url, fields: [] }],
    ]);
    const { entries } = await history(service, '?kind=drain', alice);
    expect(entries[0]).toMatchObject({ at, cluster_id: 1, machine_id: 2, id: expect.any(Number) });
    expect((await service.request('GET', '/history')).status).toBe(401);
  });

  it('is filtered by cluster, machine, kind and time', async () => {
    const clock = new FakeClock();
    const service = await startService({}, { clock });
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    await service.provision(2, 2, 'bin:127.0.0.2:5555');
    clock.advance(10_000);
    const later = new Date(clock.now().unixMs).toISOString();
    await service.provision(1, 3, 'bin:127.0.0.3:5555');
    await service.request('PUT', STATUS, { status: 'down' });

    const count = async (query: string) => (await entriesOf(service, query)).length;
    expect(await count('')).toBe(5);
    expect(await count('?cluster_id=1')).toBe(3);
    expect(await count('?cluster_id=1&machine_id=2')).toBe(2);
    expect(await count('?machine_id=2&kind=provisioning')).toBe(2);
    expect(await count(`?since=${later}`)).toBe(2);
    expect(await count(`?until=${later}`)).toBe(3);
    expect(await count(`?since=${later.replace('Z', '%2B00:00')}&until=${later}`)).toBe(0);
  });

  it('is paged, and new entries do not move a page', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    for (let i = 0; i < 5; i++) await service.request('PUT', STATUS, { status: i % 2 === 0 ? 'down' : 'up' });
    const whole = await history(service);
    expect(whole.next_cursor).toBeNull();

    const paged: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Answer['body'] = await history(service, `?limit=2${cursor && `&cursor=${cursor}`}`);
      expect(page.entries.length).toBeLessThanOrEqual(2);
      paged.push(...page.entries);
      cursor = page.next_cursor;
      await service.request('PUT', STATUS, { status: paged.length % 4 === 0 ? 'down' : 'up' });
    }

    expect(paged).toEqual(whole.entries);
  });

  it.each([
    ['cluster_id=0', '/cluster_id'],
    ['machine_id=x', '/machine_id'],
    ['kind=weather', '/kind'],
    ['since=yesterday', '/since'],
    ['until=2026-13-01T00:00:00Z', '/until'],
    ['since=1998-12-31T23:59:60Z', '/since'],
    ['limit=1001', '/limit'],
    ['cursor=-1', '/cursor'],
    ['cursor=99999999999999999999', '/cursor'],
  ])('refuses ?%s and names the parameter', async (query, pointer) => {
    const service = await startService();
    const answer = await service.request('GET', `/history?${query}`);
    expect([answer.status, answer.body.errors?.[0].pointer]).toEqual([400, pointer]);
  });

  it('continues after a restart, with ids that rise', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    await service.stop();
    await service.start();
    await service.request('PUT', STATUS, { status: 'down' });

    const { entries } = await history(service);

    expect(entries.map(({ kind }: { kind: string }) => kind)).toEqual([
      'node_state',
      'reload',
      'provisioning',
      'reload',
    ]);
    const ids = entries.map(({ id }: { id: number }) => id);
    expect(ids).toEqual([...ids].sort((a, b) => b - a));
  });

  it('records a machine that a reload sets up again, even after a restart', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    await service.request('PUT', STATUS, { status: 'down' });
    await service.request('POST', '/reload');
    const states = [
      ['node_state', 'operator', null, { from: 'up', to: 'down' }],
      ['node_state', 'reload', null, { from: 'down', to: 'up' }],
    ];
    expect(await entriesOf(service, '?kind=node_state')).toEqual(states);
    await service.stop();
    await service.start();
    expect(await entriesOf(service, '?kind=node_state')).toEqual(states);
  });

  it('records the machines whose state a start has changed, and no other', async () => {
    const service = await startService();
    for (const machine of [2, 3, 4, 5, 6]) await service.provision(1, machine, `bin:127.0.0.${machine}:5555`);
    const down = (machine: number, more = {}) =>
      service.request('PUT', `/clusters/1/machines/${machine}/status`, { status: 'down', ...more });
    await down(2);
    await down(3, { reason: 'kernel update' });
    await down(4);
    await service.request('DELETE', '/clusters/1/machines/4');
    await service.provision(1, 4, 'bin:127.0.0.4:5555');
    await down(5);
    await service.request('PUT', '/clusters/1/machines/5', { description: 'sip-5' });
    await service.stop();

    await service.start();

    const { entries } = await history(service, '?limit=3');
    const words = entries.map(({ kind, machine_id, cause, by, detail }: Record<string, unknown>) => {
      return [kind, machine_id, cause, by, kind === 'node_state' && detail];
    });
    expect(words).toEqual([
      ['reload', null, 'start', null, false],
      ['node_state', 5, 'reload', null, { from: 'down', to: 'up' }],
      ['node_state', 2, 'reload', null, { from: 'down', to: 'up' }],
    ]);
    expect((await service.request('GET', '/clusters/1/machines/3')).body.state).toBe('down');
    await service.stop();
    await service.start();
    expect(await entriesOf(service, '?kind=node_state')).toHaveLength(6);
  });

  it('records ten thousand changes at once', async () => {
    const service = await startServiceOnDisk({}, { clock: new FakeClock() });
    const rows = Array.from({ length: 10_000 }, (_, i) => `(1, ${i + 1}, 'bin:127.0.0.2:5555')`).join(', ');
    const insert = `INSERT INTO clusterer (cluster_id, machine_id, url) VALUES ${rows}`;
    await withTable(service, (table) => table.run(insert));
    await service.request('POST', '/reload');
    await withTable(service, (table) => table.run('UPDATE clusterer SET state = 0'));
    await service.request('POST', '/reload');
    await service.stop();

    const counted = await withTable(service, (table) =>
      table.query("SELECT count(*), count(DISTINCT id) FROM clusterer_history WHERE kind = 'node_state'"),
    );
    expect(counted.map((row) => row.map(Number))).toEqual([[10_000, 10_000]]);
  }, 60_000);

  it('is empty when it is turned off', async () => {
    const service = await startService({ CLUSTERER_HISTORY_ROWS: '0' });
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    expect(await history(service)).toEqual({ entries: [], next_cursor: null });
  });
});

describe('a service that is killed', () => {
  it('keeps every drain that it has confirmed', async () => {
    const first = new ServiceProcess();
    const { http } = await first.listening();
    const put = (path: string, body: object) =>
      fetch(`${http}${path}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    await put('/clusters/1/machines/2', { url: 'bin:127.0.0.2:5555' });
    await put(STATUS, { status: 'down', reason: 'kernel update' });
    first.child.kill('SIGKILL');
    await first.exited;

    const second = new ServiceProcess({}, first.folder);
    const machine = await fetch(`${(await second.listening()).http}/clusters/1/machines/2`);

    expect(await machine.json()).toMatchObject({ state: 'down', drain: { reason: 'kernel update' } });
  }, 30_000);
});

for (const database of DATABASES.filter(({ name }) => name !== 'SQLite')) {
  const suite = database.reachable ? describe : describe.skip;

  suite(`A service whose ${database.name} user may not create tables`, () => {
    it('keeps drains and history in memory, and reports it', async () => {
      const scratch = await database.create();
      const user = await createLimitedUser(database, scratch);
      const owner = await startService({ CLUSTERER_DB_URL: scratch.url });
      expect((await owner.request('GET', '/readyz')).body).toEqual({ status: 'ready' });
      await owner.provision(1, 2, 'bin:127.0.0.2:5555');
      await owner.stop();
      for (const table of ['clusterer_drains', 'clusterer_history']) await scratch.run(`DROP TABLE ${table}`);
      await user.grant('SELECT, INSERT, UPDATE, DELETE');

      const service = await startService({ CLUSTERER_DB_URL: user.url });

      const ready = await service.request('GET', '/readyz');
      expect([ready.status, ready.body]).toEqual([200, { status: 'ready', in_memory: ['drains', 'history'] }]);
      await service.logLine({ msg: 'own tables unavailable; drains and history are in memory only' });
      await service.request('PUT', STATUS, { status: 'down', reason: 'kernel update' });
      await service.request('POST', '/reload');
      const machine = (await service.request('GET', '/clusters/1/machines/2')).body;
      expect([machine.state, machine.drain.reason]).toEqual(['down', 'kernel update']);
      expect((await entriesOf(service)).map(([kind]) => kind)).toEqual(['reload', 'drain', 'node_state', 'reload']);
      await service.stop();
      await user.drop();
      await scratch.drop();
    }, 60_000);
  });
}
