import { createLimitedUser } from '../integration/limited-user.js';
import { type DatabaseKind, databaseNamed, type ScratchDatabase } from '../integration/store-databases.js';
import { FakeClock } from '../support/engine/fake-clock.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';
import { endProcessesAfterEach, ServiceProcess } from '../support/service/service-process.js';
import {
  createHostileTable,
  createLooseTable,
  createOpenSipsTable,
  DESCRIPTIONS,
  HOSTILE,
  HOSTILE_ENVIRONMENT,
  quoteFor,
} from '../support/tables/foreign-tables.js';

jest.setTimeout(30_000);
stopServicesAfterEach();
endProcessesAfterEach();

/** Run in reverse order when the services have stopped. */
const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function createDatabase(database: DatabaseKind): Promise<ScratchDatabase> {
  const scratch = await database.create();
  undo.push(scratch.drop);
  return scratch;
}

const PERSISTENT = { CLUSTERER_PERSISTENT_MODE: '1' };
const reload = (service: TestService) => service.request('POST', '/reload');
const nodes = async (service: TestService) => (await service.request('GET', '/nodes')).body.nodes;

/** Returns the rows as numbers: drivers return several integer types. */
async function numbers(scratch: ScratchDatabase, sql: string): Promise<number[][]> {
  return (await scratch.run(sql)).map((row) => row.map(Number));
}

const states = (scratch: ScratchDatabase) =>
  numbers(scratch, 'SELECT machine_id, state, no_tries, last_attempt FROM clusterer ORDER BY machine_id');

const WRONG: readonly (readonly [clustererId: number, field: string, value: string])[] = [
  [2, 'cluster_id', 'NULL'],
  [3, 'machine_id', 'NULL'],
  [4, 'url', 'NULL'],
  [5, 'state', 'NULL'],
  [6, 'failed_attempts', 'NULL'],
  [7, 'last_attempt', 'NULL'],
  [8, 'duration', 'NULL'],
  [9, 'no_tries', 'NULL'],
  [10, 'url', "'bin:'"],
  [11, 'state', '7'],
  [12, 'machine_id', '0'],
  // Row 1 is machine 1 of that cluster already.
  [13, 'machine_id', '1'],
  // Loaded as the current time.
  [14, 'last_attempt', '8029399167908617523'],
];

/** Each database has a test file that calls this, so that they run in parallel. */
export function testDatabase(name: DatabaseKind['name']): void {
  const database = databaseNamed(name);
  const suite = database.reachable ? describe : describe.skip;

  suite(`the service on ${database.name}`, () => {
    let scratch: ScratchDatabase;

    beforeEach(async () => {
      scratch = await createDatabase(database);
    });

    const start = (environment: Record<string, string> = {}, replacements = {}) =>
      startService({ CLUSTERER_DB_URL: scratch.url, ...environment }, replacements);

    it('keeps provisioned machines in the table, and loads them after a restart', async () => {
      const service = await start();
      await service.provision(1, 2, 'bin:127.0.0.2:5555', { description: `it's "ü" \\ 漢`, failed_attempts: -1 });
      await service.provision(1, 3, 'bin:127.0.0.3:5555', { state: 'down', duration: 0 });
      const twice = await service.request('POST', '/clusters/1/machines', { machine_id: 3, url: 'bin:127.0.0.4' });
      expect([twice.status, twice.body.code]).toEqual([409, 'duplicate_machine']);
      const put = await service.request('PUT', '/clusters/1/machines/3', { url: 'bin:127.0.0.9:5555' });
      expect([put.status, put.body.url]).toEqual([200, 'bin:127.0.0.9:5555']);
      await service.provision(7, 4, 'bin:127.0.0.4:5555');
      expect((await service.request('DELETE', '/clusters/7/machines/4')).status).toBe(204);

      const before = await nodes(service);
      await service.stop();
      await service.start();

      expect(await nodes(service)).toEqual(before);
      expect(before).toMatchObject([
        { machine_id: 2, description: `it's "ü" \\ 漢`, failed_attempts: -1, state: 'up' },
        { machine_id: 3, url: 'bin:127.0.0.9:5555', duration: 0, state: 'down' },
      ]);
    });

    it('reloads the changes of another program', async () => {
      const service = await start();
      await service.provision(1, 2, 'bin:127.0.0.2:5555');
      await service.provision(1, 3, 'bin:127.0.0.3:5555');
      await scratch.run("INSERT INTO clusterer (cluster_id, machine_id, url) VALUES (2, 5, 'bin:127.0.0.5:5555')");
      await scratch.run("UPDATE clusterer SET description = 'new' WHERE machine_id = 3");
      await scratch.run('DELETE FROM clusterer WHERE machine_id = 2');

      expect((await reload(service)).body).toEqual({
        clusters: 2,
        nodes: 2,
        added: 1,
        removed: 1,
        changed: 1,
        skipped: [],
        repaired: [],
      });
      expect((await reload(service)).body).toMatchObject({ added: 0, removed: 0, changed: 0 });
    });

    it('writes state, tries and last attempt in persistent mode, the recovery too', async () => {
      const clock = new FakeClock();
      const service = await start(PERSISTENT, { clock });
      await service.provision(1, 2, 'bin:127.0.0.2:5555', { failed_attempts: 2, duration: 10 });
      await service.provision(1, 3, 'bin:127.0.0.3:5555');
      const fail = () => service.request('PUT', '/clusters/1/machines/2/state', { state: 2 });
      await fail();
      await fail();
      await service.request('PUT', '/clusters/1/machines/3/status', { status: 'down' });
      await reload(service);
      expect(await states(scratch)).toEqual([
        [2, 2, 2, 1_800_000_000],
        [3, 0, 0, 0],
      ]);
      clock.advance(10_000);
      await service.stop();
      expect(await states(scratch)).toEqual([
        [2, 1, 0, 1_800_000_000],
        [3, 0, 0, 0],
      ]);
    });

    it('serves the table of an OpenSIPS 2.2 without altering it', async () => {
      await createOpenSipsTable(database, scratch);
      const described = await scratch.run(DESCRIPTIONS[database.name]);
      const member = { CLUSTERER_SERVER_ID: '1', CLUSTERER_CLUSTERER_ID_COL: 'id', ...PERSISTENT };
      const service = await start(member);
      expect(await nodes(service)).toMatchObject([{ clusterer_id: 2, machine_id: 3, address: '127.0.0.3:5566' }]);
      expect(await service.provision(1, 4, 'bin:127.0.0.4:5555', { description: 'sip-4' })).toMatchObject({
        clusterer_id: 3,
        description: 'sip-4',
      });
      await service.request('PUT', '/clusters/1/machines/3/status', { status: 'down' });
      expect((await service.request('PUT', '/clusters/1/machines/3', { duration: 7 })).body.duration).toBe(7);
      await service.stop();

      expect(await states(scratch)).toEqual([
        [1, 1, 0, 0],
        [3, 0, 0, 0],
        [4, 1, 0, 0],
      ]);
      expect(await scratch.run(DESCRIPTIONS[database.name])).toEqual(described);
      expect(await numbers(scratch, 'SELECT table_version FROM version')).toEqual([[1]]);
      await service.start();
      expect(await nodes(service)).toMatchObject([{ machine_id: 3, state: 'down' }, { machine_id: 4 }]);
    });

    it.each(['the service', 'the operator'])(
      'reads and writes a table with hostile names made by %s',
      async (maker) => {
        if (maker === 'the operator') await createHostileTable(database, scratch);
        const service = await start({ ...PERSISTENT, ...HOSTILE_ENVIRONMENT });
        await service.provision(10, 20, 'bin:127.0.0.2:5555', { description: 'x' });
        await service.provision(10, 21, 'bin:127.0.0.3:5555');
        const twice = await service.request('POST', '/clusters/10/machines', { machine_id: 20, url: 'bin:127.0.0.9' });
        expect(twice.status).toBe(409);
        await service.request('PUT', '/clusters/10/machines/20', { duration: 7 });
        await service.request('PUT', '/clusters/10/machines/20/status', { status: 'down' });
        expect((await service.request('DELETE', '/clusters/10/machines/21')).status).toBe(204);
        const before = await nodes(service);
        expect((await reload(service)).body).toMatchObject({ nodes: 1, changed: 0, skipped: [] });
        await service.stop();

        const q = quoteFor(database);
        const columns = [HOSTILE.CLUSTER_ID_COL, HOSTILE.MACHINE_ID_COL, HOSTILE.DURATION_COL, HOSTILE.STATE_COL];
        const sql = `SELECT ${columns.map(q).join(', ')} FROM ${q(HOSTILE.DB_TABLE)}`;
        expect(await numbers(scratch, sql)).toEqual([[10, 20, 7, 0]]);
        await service.start();
        expect(await nodes(service)).toEqual(before);
      },
    );

    it('names a missing column among hostile names, and its variable', async () => {
      await createHostileTable(database, scratch);
      const wrong = start({ ...HOSTILE_ENVIRONMENT, CLUSTERER_STATE_COL: 'no "such" `column`' });
      await expect(wrong).rejects.toThrow(
        'The table "Order "By" `Me`" has no column "no "such" `column`" (set CLUSTERER_STATE_COL). It has: primary, machine_id, ',
      );
    });

    it('skips or repairs each wrong row, names it in the log and in the response, and loads all others', async () => {
      const service = await start({}, { clock: new FakeClock() });
      await scratch.run('DROP TABLE clusterer');
      await createLooseTable(scratch);
      // Only SQLite stores text in an integer column.
      const text: typeof WRONG = database.name === 'SQLite' ? [[15, 'duration', "'long'"]] : [];
      const wrong = [...WRONG, ...text];
      for (const [clustererId, field, value] of wrong) {
        await scratch.run(`UPDATE clusterer SET ${field} = ${value} WHERE clusterer_id = ${clustererId}`);
      }

      const { body } = await reload(service);

      const skipped = [...body.skipped, ...body.repaired] as { clusterer_id: number; field: string; reason: string }[];
      expect(body.repaired.map((row: { clusterer_id: number }) => row.clusterer_id)).toEqual([14]);
      expect(skipped.map((row) => [row.clusterer_id, row.field]).sort(byFirst)).toEqual(
        wrong.map(([clustererId, field]) => [clustererId, field]),
      );
      const logged = service.logLines.filter(({ msg }) => /^table row (skipped|repaired)/.test(String(msg)));
      expect(logged.map(({ clustererId, field, reason }) => ({ clusterer_id: clustererId, field, reason }))).toEqual(
        skipped,
      );
      expect(skipped.map(({ reason }) => reason)).not.toContain('');
      const loaded = (await nodes(service)).map((node: { machine_id: number }) => node.machine_id);
      expect(loaded).toEqual(database.name === 'SQLite' ? [1, 14, 16] : [1, 14, 15, 16]);
      expect((await nodes(service))[1]).toMatchObject({ last_attempt: 1_800_000_000 });
    });

    it('is started twice at once on an empty database, and both work on one table', async () => {
      const processes = [1, 2].map(() => new ServiceProcess({ CLUSTERER_DB_URL: scratch.url }));
      const [first, second] = await Promise.all(processes.map((one) => one.listening()));
      const provisioned = await fetch(`${first?.http}/clusters/1/machines`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"machine_id":2,"url":"bin:127.0.0.2:5555"}',
      });
      expect(provisioned.status).toBe(201);
      const reloaded = await fetch(`${second?.http}/reload`, { method: 'POST' });
      expect(await reloaded.json()).toMatchObject({ nodes: 1, added: 1 });
      expect(await numbers(scratch, 'SELECT version, created_table FROM clusterer_schema')).toEqual([[4, 1]]);
    });
  });
}

function byFirst([a]: (number | string)[], [b]: (number | string)[]): number {
  return Number(a) - Number(b);
}

export function testUsers(name: Exclude<DatabaseKind['name'], 'SQLite'>): void {
  const database = databaseNamed(name);
  const suite = database.reachable ? describe : describe.skip;

  suite(`a ${database.name} user`, () => {
    async function startAs(rights: string): Promise<{ service: TestService; password: string }> {
      const scratch = await createDatabase(database);
      const owner = await startService({ CLUSTERER_DB_URL: scratch.url });
      await owner.provision(1, 2, 'bin:127.0.0.2:5555');
      await owner.stop();
      const user = await createLimitedUser(database, scratch);
      undo.push(user.drop);
      await user.grant(rights);
      // OpenSIPS's form leaves the default port out.
      const url = user.url.replace(/:(5432|3306)(?=\/)/, '');
      return { service: await startService({ CLUSTERER_DB_URL: url, ...PERSISTENT }), password: user.password };
    }

    it('with rights on the table alone can do everything, with any password and without a port', async () => {
      const { service } = await startAs('SELECT, INSERT, UPDATE, DELETE');
      await service.provision(1, 3, 'bin:127.0.0.3:5555');
      expect((await service.request('PUT', '/clusters/1/machines/2', { duration: 7 })).status).toBe(200);
      await service.request('PUT', '/clusters/1/machines/2/status', { status: 'down' });
      expect((await service.request('DELETE', '/clusters/1/machines/3')).status).toBe(204);
      expect((await reload(service)).body).toMatchObject({ nodes: 1, skipped: [] });
      expect(await nodes(service)).toMatchObject([{ machine_id: 2, duration: 7, state: 'down' }]);
    });

    it('who may only read is served, and provisioning fails with the missing right', async () => {
      const { service, password } = await startAs('SELECT');
      const before = await nodes(service);
      const calls = [
        await service.request('POST', '/clusters/1/machines', { machine_id: 3, url: 'bin:127.0.0.3:5555' }),
        await service.request('PUT', '/clusters/1/machines/2', { duration: 7 }),
        await service.request('DELETE', '/clusters/1/machines/2'),
      ];
      for (const { status, body, text } of calls) {
        expect([status, body.code]).toEqual([503, 'database_unavailable']);
        expect(body.detail).toContain('The database user may not do this: ');
        expect(body.detail).toMatch(/denied/);
        expect(body.detail).toContain('Grant SELECT, INSERT, UPDATE and DELETE on the table');
        expect(text).not.toContain(password);
        expect(text).not.toMatch(/INSERT INTO|UPDATE .* SET|DELETE FROM/);
      }
      expect(await nodes(service)).toEqual(before);
      expect((await reload(service)).status).toBe(200);
      expect((await service.request('GET', '/readyz')).body).toEqual({
        status: 'ready',
        in_memory: ['drains', 'history'],
      });
    });
  });
}

export function testLatin1(): void {
  const latin1 = databaseNamed('MariaDB');
  (latin1.reachable ? it : it.skip)('text that the table cannot store is refused with the remedy', async () => {
    const scratch = await createDatabase(latin1);
    await createOpenSipsTable(latin1, scratch);
    const service = await startService({ CLUSTERER_DB_URL: scratch.url, CLUSTERER_CLUSTERER_ID_COL: 'id' });
    const body = { machine_id: 4, url: 'bin:127.0.0.4:5555', description: '漢' };
    const answer = await service.request('POST', '/clusters/1/machines', body);
    expect([answer.status, answer.body.code]).toEqual([503, 'database_unavailable']);
    expect(answer.body.detail).toContain('The database refused the change: ');
    expect((await nodes(service)).map((node: { machine_id: number }) => node.machine_id)).toEqual([1, 3]);
  });
}
