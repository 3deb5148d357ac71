import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openDatabase } from '../../src/storage/database.js';
import { startServiceOnDisk, stopServicesAfterEach } from '../support/service/service.js';
import { holdWriteLock } from '../support/tables/lock-holder.js';
import { withTable } from '../support/tables/table.js';

stopServicesAfterEach();

test('while another process locks the SQLite file for 3 s, the service responds and loses nothing', async () => {
  const service = await startServiceOnDisk(
    { CLUSTERER_PERSISTENT_MODE: '1', CLUSTERER_SYNC_INTERVAL_MS: '50' },
    { openDatabase },
  );
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  await service.provision(1, 3, 'bin:127.0.0.3:5555');
  const { unlocked } = await holdWriteLock(`file:${service.databaseFile}`);

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
  expect(answers).toBeGreaterThan(10);
  // A blocked event loop would be delayed for the whole 3 s, a busy machine only for a small part of it.
  expect(delay.max / 1e6).toBeLessThan(1_500);

  await added;
  await service.stop();
  expect(await withTable(service, (table) => table.states())).toEqual([
    [2, 0, 0, 0],
    [3, 1, 0, 0],
    [4, 1, 0, 0],
  ]);
}, 30_000);
