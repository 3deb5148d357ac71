import { startService, startServiceOnDisk, stopServicesAfterEach } from '../support/service/service.js';
import { withTable } from '../support/tables/table.js';

stopServicesAfterEach();

const LIMITED = { CLUSTERER_MAX_MACHINES: '2', CLUSTERER_SERVER_ID: '9' };
const OWN = { cluster_id: 1, machine_id: 9, url: 'bin:127.0.0.1' };

test('machines are provisioned up to the limit, own rows not counted; one more when one is removed', async () => {
  const service = await startService(LIMITED);
  await service.provision(1, 9, 'bin:127.0.0.1');
  await service.provision(1, 2, 'bin:127.0.0.2');
  await service.provision(1, 3, 'bin:127.0.0.3');
  const machine = { machine_id: 4, url: 'bin:127.0.0.4' };
  for (const [method, path] of [
    ['POST', '/clusters/1/machines'],
    ['PUT', '/clusters/1/machines/4'],
  ] as const) {
    expect(await service.request(method, path, machine)).toMatchObject({
      status: 409,
      body: { code: 'too_many_machines', detail: expect.stringContaining('CLUSTERER_MAX_MACHINES') },
    });
  }
  await service.logLine({ door: 'http', reason: 'too_many_machines', what: 'POST /clusters/:cluster_id/machines' });
  expect((await service.request('PUT', '/clusters/1/machines/3', { duration: 7 })).status).toBe(200);
  expect((await service.request('POST', '/clusters/2/machines', { ...machine, machine_id: 9 })).status).toBe(201);
  expect((await service.request('DELETE', '/clusters/1/machines/3')).status).toBe(204);
  expect((await service.request('PUT', '/clusters/1/machines/4', machine)).status).toBe(201);
});

test('rows over the limit are skipped with a reason; own rows never are', async () => {
  const service = await startServiceOnDisk(LIMITED);
  await withTable(service, (table) =>
    table.add(
      { ...OWN, clusterer_id: 5 },
      { ...OWN, clusterer_id: 1, machine_id: 1 },
      { ...OWN, clusterer_id: 2, machine_id: 2 },
      { ...OWN, clusterer_id: 3, machine_id: 3 },
      { ...OWN, clusterer_id: 4, machine_id: 4 },
    ),
  );
  const { body } = await service.request('POST', '/reload');
  expect(body).toMatchObject({ clusters: 1, nodes: 2 });
  expect(body.skipped).toEqual([
    {
      clusterer_id: 3,
      field: 'machine_id',
      reason: expect.stringMatching(/^2 rows from this one on.*CLUSTERER_MAX_MACHINES \(2\)/),
    },
  ]);
  const { nodes } = (await service.request('GET', '/nodes')).body;
  expect(nodes.map(({ machine_id }: { machine_id: number }) => machine_id)).toEqual([1, 2]);
});
