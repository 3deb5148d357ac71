import { setTimeout as later } from 'node:timers/promises';
import { type DatabaseKind, databaseNamed } from '../integration/store-databases.js';
import { FakeClock } from '../support/engine/fake-clock.js';
import { Cable } from '../support/peers/cable.js';
import { eventually } from '../support/service/eventually.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

jest.setTimeout(60_000);
stopServicesAfterEach();

/** Run in reverse order when the services have stopped. */
const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** A database that a test can take away and bring back. */
interface Losable {
  readonly url: string;
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  /** Returns `[machine_id, state, no_tries]` of every row, bypassing the service. */
  states(): Promise<number[][]>;
  /** Adds machines of cluster 1, bypassing the service. */
  add(ids: readonly number[]): Promise<void>;
}

/** A server behind a `Cable`; for SQLite, which has no connection to cut, the table itself. @param options for the driver, `name=value` */
async function losable(database: DatabaseKind, options = ''): Promise<Losable & { readonly cable: Cable | null }> {
  const scratch = await database.create();
  undo.push(scratch.drop);
  const states = async () => {
    const rows = await scratch.run('SELECT machine_id, state, no_tries FROM clusterer ORDER BY machine_id');
    return rows.map((row) => row.map(Number));
  };
  const add = async (ids: readonly number[]) => {
    const rows = ids.map((id) => `(1, ${id}, 'bin:127.0.0.2:${id}')`);
    await scratch.run(`INSERT INTO clusterer (cluster_id, machine_id, url) VALUES ${rows.join(', ')}`);
  };
  if (database.name === 'SQLite') {
    const rename = async (from: string, to: string) => {
      await scratch.run(`ALTER TABLE ${from} RENAME TO ${to}`);
    };
    return {
      url: scratch.url,
      goAway: () => rename('clusterer', 'elsewhere'),
      comeBack: () => rename('elsewhere', 'clusterer'),
      states,
      add,
      cable: null,
    };
  }
  const cable = new Cable(scratch.url);
  const url = `${await cable.join()}?${options}`;
  undo.push(() => cable.cut());
  const comeBack = async () => {
    await cable.join();
  };
  return { url, goAway: () => cable.cut(), comeBack, states, add, cable };
}

/** MariaDB's pool waits this long for a connection. The others fail at once. */
const SHORT_WAIT = 'acquireTimeout=300&connectTimeout=300';
const optionsOf = ({ name }: DatabaseKind) => (name === 'MariaDB' ? SHORT_WAIT : '');

const setStatus = (service: TestService, machineId: number, status: 'up' | 'down') =>
  service.request('PUT', `/clusters/1/machines/${machineId}/status`, { status });
const countFailure = (service: TestService, machineId: number) =>
  service.request('PUT', `/clusters/1/machines/${machineId}/state`, { state: 2 });
const readiness = async (service: TestService) => (await service.request('GET', '/readyz')).body.status;

const FAILED = 'table write failed; retrying';
const WRITTEN = 'table writes resumed';
const count = (service: TestService, msg: string) => service.logLines.filter((line) => line.msg === msg).length;

/** Waits until the service has logged this so many times. */
async function logged(service: TestService, msg: string, times: number): Promise<void> {
  while (count(service, msg) < times) await service.nextLogLine();
}

/** The longest wait between two tries. */
const LONGEST_WAIT_MS = 30_000;

/**
 * MariaDB's pool needs a moment to connect again: the first try may fail. Each try logs its result, but a moment before the next is due: an
 * advance in between would reach none, so the clock goes on without a line, too.
 */
async function retryUntilWritten(service: TestService, clock: FakeClock): Promise<void> {
  while (count(service, WRITTEN) === 0) {
    clock.advance(LONGEST_WAIT_MS);
    await Promise.race([service.nextLogLine(), later(100)]);
  }
}

/** Each database has a test file that calls this, so that they run in parallel. */
export function testOutages(name: DatabaseKind['name']): void {
  const database = databaseNamed(name);
  const suite = database.reachable ? describe : describe.skip;

  suite(`the service while ${database.name} is away`, () => {
    it('goes on with what it has, refuses what needs the table, and writes at growing intervals', async () => {
      const clock = new FakeClock();
      const lost = await losable(database, optionsOf(database));
      const service = await startService({ CLUSTERER_DB_URL: lost.url, CLUSTERER_PERSISTENT_MODE: '1' }, { clock });
      await service.provision(1, 2, 'bin:127.0.0.2:5555');
      await service.provision(1, 3, 'bin:127.0.0.3:5555', { failed_attempts: 0 });
      expect(await readiness(service)).toBe('ready');
      await lost.goAway();
      clock.advance(1_000);

      expect(await readiness(service)).toBe('degraded');
      await setStatus(service, 2, 'down');
      const before = (await service.request('GET', '/nodes')).body;
      const refused = [
        await service.request('POST', '/reload'),
        await service.request('POST', '/clusters/1/machines', { machine_id: 4, url: 'bin:127.0.0.4:5555' }),
        await service.request('PUT', '/clusters/1/machines/3', { duration: 7 }),
        await service.request('DELETE', '/clusters/1/machines/3'),
      ];
      expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
        Array(4).fill([503, 'database_unavailable']),
      );
      expect((await service.request('GET', '/nodes')).body).toEqual(before);
      expect((await service.request('GET', '/healthz')).status).toBe(200);

      // The first try came with the interval; each failure waits twice as long as the one before.
      const delays = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000];
      for (const [tries, delay] of delays.entries()) {
        clock.advance(delay - 1);
        expect(count(service, FAILED)).toBe(tries);
        clock.advance(1);
        await service.logLine({ msg: FAILED, failures: tries + 1 });
        await countFailure(service, 3);
      }

      await lost.comeBack();
      await retryUntilWritten(service, clock);
      expect(await lost.states()).toEqual([
        [2, 0, 0],
        [3, 1, 7],
      ]);
      clock.advance(1_000);
      expect(await readiness(service)).toBe('ready');
      expect((await service.request('POST', '/reload')).status).toBe(200);
    });

    it('writes the newest value of every change after twenty outages in a row, without a restart', async () => {
      const lost = await losable(database, optionsOf(database));
      const service = await startService({
        CLUSTERER_DB_URL: lost.url,
        CLUSTERER_PERSISTENT_MODE: '1',
        CLUSTERER_SYNC_INTERVAL_MS: '5',
      });
      for (const id of [2, 3, 4, 5]) await service.provision(1, id, `bin:127.0.0.${id}:5555`, { failed_attempts: 0 });

      for (let round = 1; round <= 20; round++) {
        // Changes before, at and after the cut: some writes are in progress when it happens.
        const before = [countFailure(service, 3), setStatus(service, 2, round % 2 === 0 ? 'up' : 'down')];
        await lost.goAway();
        await Promise.all(before);
        await countFailure(service, 3);
        await setStatus(service, 4, round % 2 === 0 ? 'down' : 'up');
        const failures = count(service, FAILED);
        await Promise.all([countFailure(service, 5), logged(service, FAILED, failures + 1)]);
        await lost.comeBack();
        await countFailure(service, 3);
        await logged(service, WRITTEN, round);
      }

      const { nodes } = (await service.request('GET', '/nodes')).body;
      await service.stop();
      const tries = nodes.map(({ no_tries }: { no_tries: number }) => no_tries);
      expect(tries.slice(0, 3)).toEqual([0, 60, 0]);
      expect(await lost.states()).toEqual([
        [2, 1, 0],
        [3, 1, 60],
        [4, 0, 0],
        [5, 1, tries[3]],
      ]);
    });
  });
}

export function testLostConnections(name: Exclude<DatabaseKind['name'], 'SQLite'>): void {
  const database = databaseNamed(name);
  const suite = database.reachable ? describe : describe.skip;

  suite(`a connection to ${database.name}`, () => {
    it('that is cut before the end of a write leaves nothing half written, and the write is repeated', async () => {
      const clock = new FakeClock();
      const lost = await losable(database, optionsOf(database));
      const service = await startService({ CLUSTERER_DB_URL: lost.url, CLUSTERER_PERSISTENT_MODE: '1' }, { clock });
      // More rows than in one statement.
      const ids = Array.from({ length: 600 }, (_, i) => i + 2);
      await lost.add(ids);
      await service.request('POST', '/reload');
      await Promise.all(ids.map((id) => setStatus(service, id, 'down')));
      const cut = lost.cable?.cutAt('COMMIT');
      clock.advance(1_000);
      await cut;
      await service.logLine({ msg: FAILED, failures: 1 });
      expect(await lost.states()).toEqual(ids.map((id) => [id, 1, 0]));
      await lost.comeBack();
      await retryUntilWritten(service, clock);
      expect(await lost.states()).toEqual(ids.map((id) => [id, 0, 0]));
    });

    it('that falls silent counts as away, for all concurrent calls at once', async () => {
      const silence = database.name === 'MariaDB' ? `${SHORT_WAIT}&socketTimeout=500` : 'query_timeout=500';
      const lost = await losable(database, silence);
      const service = await startService({ CLUSTERER_DB_URL: lost.url });
      await service.provision(1, 2, 'bin:127.0.0.2:5555');
      lost.cable?.freeze();
      const provisioned = Array.from({ length: 20 }, (_, i) =>
        service.request('POST', '/clusters/1/machines', { machine_id: 10 + i, url: 'bin:127.0.0.4:5555' }),
      );
      expect(await readiness(service)).toBe('degraded');
      const answers = await Promise.all(provisioned);
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(503));
      expect((await service.request('POST', '/reload')).status).toBe(503);
      await lost.cable?.cut();
      await lost.comeBack();
      await eventually(async () => (await service.request('POST', '/reload')).status === 200);
      expect((await service.request('GET', '/nodes')).body.nodes).toMatchObject([{ machine_id: 2 }]);
    });
  });
}
