import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseUnavailable } from '../../src/ground/errors.js';
import type { MachineStore } from '../../src/service/ports.js';
import { holdWriteLock } from '../support/tables/lock-holder.js';
import { ROW } from '../support/tables/rows.js';
import { DEFAULT_COLUMNS, openMachineStore, type ScratchDatabase, SQLITE } from './store-databases.js';

describe('A SQLite file that another process has locked', () => {
  let scratch: ScratchDatabase;
  let store: MachineStore;

  beforeEach(async () => {
    scratch = await SQLITE.create();
    store = await openMachineStore({ url: scratch.url, table: 'clusterer', columns: DEFAULT_COLUMNS });
  });

  afterEach(async () => {
    await store.close();
    await scratch.drop();
  });

  it('delays writes, fails none, and never stops the event loop', async () => {
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
    // Whoever waits in place stands still for all of it, a busy machine only for a small part.
    expect(delay.max / 1e6).toBeLessThan(lockedForMs / 2);
    expect((await store.load()).rows).toMatchObject([{ state: 2, duration: 5 }, { machineId: 3 }]);
    expect(await unlocked).toEqual([0, null]);
  }, 20_000);

  it('takes what comes after a lock that was held for too long, and gives its own lock back', async () => {
    await store.insert(ROW);
    const hasty = await openMachineStore({
      url: `${scratch.url}?busy_timeout=100`,
      table: 'clusterer',
      columns: DEFAULT_COLUMNS,
    });
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
