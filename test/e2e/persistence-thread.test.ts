import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DEFAULT_COLUMNS } from '../integration/store-databases.js';

/** Ends the thread of a store while a write and a read are in progress, and goes on using the store. */
const SCRIPT = `
  const { openDatabase } = require(${JSON.stringify(resolve('dist/storage/database.js'))});
  const threads = [];
  process.on('worker', (thread) => threads.push(thread));
  (async () => {
    const { machines: store } = await openDatabase(JSON.parse(process.argv[1]));
    await store.insert({ clusterId: 1, machineId: 2, url: 'bin:127.0.0.2:5555', state: 1, description: null,
      failedAttempts: 3, lastAttempt: 0, duration: 30, noTries: 0 });
    const ended = threads[0].terminate();
    const outcome = (call) => call.then(() => 'answered', (error) => error.code);
    const underWay = await Promise.all([outcome(store.remove(7)), outcome(store.load())]);
    await ended;
    const { rows } = await store.load();
    await store.saveStates([{ clustererId: 1, state: 0, noTries: 0, lastAttempt: 0 }]);
    const saved = await store.load();
    await store.close();
    console.log(JSON.stringify([...underWay, rows.length, saved.rows[0].state, threads.length]));
  })();`;

test('when the SQLite thread dies, a write in progress fails, and a read is repeated in a new thread', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clusterer-thread-'));
  const options = { url: `file:${folder}/x.db`, table: 'clusterer', columns: DEFAULT_COLUMNS };
  const child = spawn(process.execPath, ['-e', SCRIPT, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  expect(await once(child, 'close')).toEqual([0, null]);
  rmSync(folder, { recursive: true });
  expect(JSON.parse(output)).toEqual(['database_unavailable', 'answered', 1, 0, 2]);
}, 20_000);
