import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseUnavailable } from '../../src/ground/errors.js';
import type { MachineStore } from '../../src/service/ports/machine-store.js';
import { openDatabase } from '../../src/storage/database.js';
import { holdWriteLock } from '../support/tables/lock-holder.js';
import { ROW } from '../support/tables/rows.js';
import { DEFAULT_COLUMNS, DEFAULTS, type ScratchDatabase, SQLITE } from './store-databases.js';

/** Opens the store as the service does, in a thread. */
async function openMachineStore(url: string): Promise<MachineStore> {
  return (await openDatabase({ ...DEFAULTS, url, table: 'clusterer', columns: DEFAULT_COLUMNS })).machines;
}

describe('A SQLite file that another process has locked', () => {
  let scratch: ScratchDatabase;
  let store: MachineStore;

  beforeEach(async () => {
    scratch = await SQLITE.create();
    store = await openMachineStore(scratch.url);
  });

  afterEach(async () => {
    await store.close();
    await scratch.drop();
  });

  it('delays writes, fails none, and never blocks the event loop', async () => {
    await store.insert(ROW);
    const { unlocked } = await holdWriteLock(scratch.url);
    const lockedAt = performance.now();
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();

    await Promise.all([
      store.saveStates([{ clustererId: 1, state: 2, noTries: 3, lastAttempt: 4 }]),
      store.insert({ ...ROW, machineId: 3 }),
      store.update(1, { duration: 5 }),
      store.load(),
    ]);

    delay.disable();
    const lockedForMs = performance.now() - lockedAt;
    expect(lockedForMs).toBeGreaterThan(2_500);
    // A blocked event loop is delayed for the whole lock, a busy machine only for a small part of it.
    expect(delay.max / 1e6).toBeLessThan(lockedForMs / 2);
    expect((await store.load()).rows).toMatchObject([{ state: 2, duration: 5 }, { machineId: 3 }]);
    expect(await unlocked).toEqual([0, null]);
  }, 20_000);

  it('writes again after a lock that was held for too long, and releases its own lock', async () => {
    await store.insert(ROW);
    const hasty = await openMachineStore(`${scratch.url}?busy_timeout=100`);
    const { unlocked } = await holdWriteLock(scratch.url);
    const change = { clustererId: 1, state: 2, noTries: 3, lastAttempt: 4 };
    await expect(hasty.saveStates([change])).rejects.toThrow(DatabaseUnavailable);
    await expect(hasty.insert({ ...ROW, machineId: 3 })).rejects.toThrow(DatabaseUnavailable);
    await unlocked;

    await hasty.insert({ ...ROW, machineId: 4 });
    await hasty.saveStates([change]);
    // Another connection sees both, and may write.
    expect((await store.load()).rows).toMatchObject([{ state: 2 }, { machineId: 4 }]);
    await store.update(1, { duration: 5 });
    await hasty.close();
  }, 20_000);
});

test('a file that cannot have a write-ahead log is used without one, with a warning', async () => {
  const scratch = await SQLITE.create();
  const options = { ...DEFAULTS, url: `${scratch.url}?busy_timeout=50`, table: 'clusterer', columns: DEFAULT_COLUMNS };
  await (await openDatabase(options)).machines.close();
  await scratch.run('PRAGMA journal_mode = DELETE');
  // Another program reads: SQLite changes the journal only while nothing else uses the file.
  await scratch.run('BEGIN');
  await scratch.run('SELECT count(*) FROM clusterer');
  const warnings: unknown[][] = [];
  const warn = (...args: unknown[]) => warnings.push(args);

  const { machines } = await openDatabase(options, { warn });
  await machines.close();

  expect(warnings).toContainEqual([
    { file: new URL(scratch.url).pathname, reason: expect.stringContaining('locked') },
    'SQLite runs without a write-ahead log: writes are slower',
  ]);
  await scratch.run('ROLLBACK');
  await scratch.drop();
});
