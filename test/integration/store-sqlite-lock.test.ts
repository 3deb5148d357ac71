import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MachineStore, NewMachineRow } from '../../src/service/ports.js';
import { openMachineStore } from '../../src/storage/database.js';
import { DATABASES, DEFAULT_COLUMNS, type ScratchDatabase } from './store-databases.js';

const ROW: NewMachineRow = {
  clusterId: 1,
  machineId: 2,
  url: 'bin:127.0.0.2:5555',
  state: 1,
  description: null,
  failedAttempts: 3,
  lastAttempt: 0,
  duration: 30,
  noTries: 0,
};

/** Another process that takes the write lock, says so, and gives it back after 3 s. */
const LOCKER = `
  const { PrismaLibSql } = require('@prisma/adapter-libsql');
  (async () => {
    const database = await new PrismaLibSql({ url: process.argv[1] }).connect();
    const run = (sql) => database.executeRaw({ sql, args: [], argTypes: [] });
    await run('BEGIN IMMEDIATE');
    process.send('locked');
    setTimeout(() => run('COMMIT').then(() => process.exit(0)), 3000);
  })();`;

describe('A SQLite file that another process has locked', () => {
  let scratch: ScratchDatabase;
  let store: MachineStore;

  beforeEach(async () => {
    const sqlite = DATABASES.find(({ name }) => name === 'SQLite');
    if (sqlite === undefined) throw new Error('There is no SQLite among the databases.');
    scratch = await sqlite.create();
    store = await openMachineStore({ url: scratch.url, table: 'clusterer', columns: DEFAULT_COLUMNS });
  });

  afterEach(async () => {
    await store.close();
    await scratch.drop();
  });

  it('delays writes, fails none, and never stops the event loop', async () => {
    await store.insert(ROW);
    const locker = spawn(process.execPath, ['-e', LOCKER, scratch.url], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const unlocked = once(locker, 'exit');
    await once(locker, 'message');
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
    expect(performance.now() - lockedAt).toBeGreaterThan(2_500);
    expect(delay.max / 1e6).toBeLessThan(50);
    expect((await store.load()).rows).toMatchObject([{ state: 2, duration: 5 }, { machineId: 3 }]);
    expect(await unlocked).toEqual([0, null]);
  }, 20_000);
});
