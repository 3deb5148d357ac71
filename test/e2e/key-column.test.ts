import { startServiceOnDisk, stopServicesAfterEach } from '../support/service/service.js';
import { withTable } from '../support/tables/table.js';

stopServicesAfterEach();

test('a table whose key is not unique is served, provisions nothing, says why, and is not written in persistent mode', async () => {
  const first = await startServiceOnDisk({ CLUSTERER_PERSISTENT_MODE: '1' });
  await first.stop();
  await withTable(first, async (table) => {
    await table.run('DROP TABLE clusterer');
    await table.run(`CREATE TABLE clusterer (clusterer_id INT, cluster_id INT, machine_id INT, url TEXT, state INT DEFAULT 1,
      description TEXT, failed_attempts INT DEFAULT 3, last_attempt INT DEFAULT 0, duration INT DEFAULT 30, no_tries INT DEFAULT 0)`);
    for (const machine_id of [2, 3]) {
      await table.add({ clusterer_id: 5, cluster_id: 1, machine_id, url: `bin:127.0.0.${machine_id}:5555` });
    }
  });
  const environment = { CLUSTERER_DB_URL: `file:${first.databaseFile}`, CLUSTERER_PERSISTENT_MODE: '1' };
  const service = await startServiceOnDisk(environment);
  const states = () => withTable(first, (table) => table.states());
  const before = await states();

  const warning = await service.logLine({ msg: 'provisioning disabled' });
  expect(warning.reason).toContain('"clusterer_id" is not unique');
  for (const [method, path, body] of [
    ['POST', '/clusters/1/machines', { machine_id: 4, url: 'bin:127.0.0.4:5555' }],
    ['PUT', '/clusters/1/machines/2', { duration: 7 }],
    ['DELETE', '/clusters/1/machines/2', undefined],
  ] as const) {
    const answer = await service.request(method, path, body);
    expect([answer.status, answer.body.code, answer.body.detail]).toEqual([
      503,
      'database_unavailable',
      warning.reason,
    ]);
  }
  expect((await service.request('PUT', '/clusters/1/machines/2/status', { status: 'down' })).status).toBe(200);
  expect((await service.request('POST', '/reload')).body).toMatchObject({ nodes: 2, skipped: [] });
  await service.stop();
  expect(await states()).toEqual(before);
});
