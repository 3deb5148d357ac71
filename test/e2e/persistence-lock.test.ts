import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startService, stopServicesAfterEach } from '../support/service.js';
import { Table } from '../support/table.js';

stopServicesAfterEach();

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

test('while another process locks the SQLite file for 3 s, the service answers, and nothing is lost', async () => {
  const service = await startService({ CLUSTERER_PERSISTENT_MODE: '1', CLUSTERER_SYNC_INTERVAL_MS: '50' });
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  await service.provision(1, 3, 'bin:127.0.0.3:5555');
  const locker = spawn(process.execPath, ['-e', LOCKER, `file:${service.databaseFile}`], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const unlocked = once(locker, 'exit');
  await once(locker, 'message');

  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let answers = 0;
  let locked = true;
  void unlocked.then(() => {
    locked = false;
  });
  const ready = service.request('GET', '/readyz');
  const added = service.provision(1, 4, 'bin:127.0.0.4:5555');
  for (let status = 'down'; locked; status = status === 'down' ? 'up' : 'down') {
    await service.request('PUT', '/clusters/1/machines/2/status', { status });
    await service.request('GET', '/nodes');
    answers++;
  }
  await service.request('PUT', '/clusters/1/machines/2/status', { status: 'down' });
  delay.disable();
  expect((await ready).status).toBe(200);
  expect(answers).toBeGreaterThan(100);
  // The longest one is the test's as well, whose own work shares the loop.
  expect(delay.percentile(99) / 1e6).toBeLessThan(50);
  expect(delay.max / 1e6).toBeLessThan(500);

  await added;
  await service.stop();
  const table = await Table.open(service.databaseFile);
  expect(await table.states()).toEqual([
    [2, 0, 0, 0],
    [3, 1, 0, 0],
    [4, 1, 0, 0],
  ]);
  await table.close();
}, 30_000);
