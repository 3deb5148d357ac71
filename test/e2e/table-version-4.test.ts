import { FakeClock } from '../support/engine/fake-clock.js';
import { startServiceOnDisk, stopServicesAfterEach, type TestService } from '../support/service/service.js';
import { withTable } from '../support/tables/table.js';

stopServicesAfterEach();

const MEMBER = { CLUSTERER_DIALECT: '2.4,7:2.2', CLUSTERER_SERVER_ID: '9', CLUSTERER_PERSISTENT_MODE: '1' };
const OWN = 'bin:127.0.0.9:5566';

const rows = (service: TestService) =>
  withTable(service, (table) =>
    table.query('SELECT cluster_id, node_id, state, no_ping_retries, priority, sip_addr FROM clusterer ORDER BY 1, 2'),
  );

const post = (service: TestService, clusterId: number, body: object) =>
  service.request('POST', `/clusters/${clusterId}/machines`, body);

/** A member of cluster 1, of dialect 2.4, and of cluster 7, of dialect 2.2, in one new table of version 4. */
async function startMember(clock = new FakeClock()): Promise<TestService> {
  const service = await startServiceOnDisk(MEMBER, { clock });
  for (const clusterId of [1, 7]) await service.provision(clusterId, 9, OWN);
  return service;
}

it('clusters of both dialects are provisioned in one table of version 4', async () => {
  const service = await startMember();

  const added = await post(service, 1, {
    machine_id: 2,
    url: 'bin:127.0.0.2:5566',
    priority: 10,
    sip_addr: '10.0.0.2',
  });
  const other = await post(service, 7, { machine_id: 2, url: 'bin:127.0.0.2:5555', failed_attempts: 5 });

  expect(added.body).toMatchObject({ dialect: '2.4', priority: 10, sip_addr: '10.0.0.2', duration: 60 });
  expect(other.body).toMatchObject({ failed_attempts: 5, duration: 60 });
  expect(other.body).not.toHaveProperty('dialect');
  expect(other.body).not.toHaveProperty('priority');
  const changed = await service.request('PUT', '/clusters/1/machines/2', { priority: 20, sip_addr: null });
  expect(changed.body).toMatchObject({ priority: 20, sip_addr: null });
  expect(await rows(service)).toEqual([
    [1, 2, 1, 3, 20, null],
    [1, 9, 1, 3, 50, null],
    [7, 2, 1, 5, 50, null],
    [7, 9, 1, 3, 50, null],
  ]);
});

it.each([
  ['a cluster of dialect 2.2', 7, { priority: 10, sip_addr: 'x' }, ['/priority', '/sip_addr']],
  ['a table of version 4', 1, { duration: 30 }, ['/duration']],
])('fields that %s does not have are refused by name', async (_, clusterId, fields, pointers) => {
  const service = await startMember();

  const { status, body } = await post(service, clusterId, { machine_id: 2, url: 'bin:127.0.0.2:5566', ...fields });

  expect(status).toBe(400);
  expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(pointers);
  expect(await rows(service)).toHaveLength(2);
});

it('the duration of a table of version 4 is accepted when it is the node timeout', async () => {
  const service = await startMember();

  expect((await post(service, 1, { machine_id: 2, url: 'bin:127.0.0.2:5566', duration: 60 })).status).toBe(201);
});

it('persistent mode writes what an operator sets, and no tries', async () => {
  const clock = new FakeClock();
  const service = await startMember(clock);
  for (const machineId of [2, 3]) await service.provision(7, machineId, `bin:127.0.0.${machineId}:5555`);
  await service.request('PUT', '/clusters/7/machines/2/status', { status: 'down' });
  for (let tries = 0; tries < 3; tries++) await service.request('PUT', '/clusters/7/machines/3/state', { state: 2 });
  clock.advance(1000);
  await service.logLine({ msg: 'changed rows written', rows: 1 });

  await service.request('POST', '/reload');

  expect((await service.request('GET', '/clusters/7/machines/3')).body).toMatchObject({
    state: 'temp_disabled',
    no_tries: 3,
  });
  expect((await rows(service)).map(([cluster, node, state]) => [cluster, node, state])).toEqual([
    [1, 9, 1],
    [7, 2, 0],
    [7, 3, 1],
    [7, 9, 1],
  ]);
});

it('an observer leaves a cluster of dialect 2.4 out, and the log and provisioning say what to do', async () => {
  const service = await startServiceOnDisk({ CLUSTERER_DIALECT: '2.4' });
  await withTable(service, (table) =>
    table.run("INSERT INTO clusterer (cluster_id, node_id, url) VALUES (1, 2, 'bin:127.0.0.2:5566')"),
  );

  const { body } = await service.request('POST', '/reload');
  const refused = await post(service, 1, { machine_id: 3, url: 'bin:127.0.0.3:5566' });

  expect(body).toMatchObject({ clusters: 0, nodes: 0, elsewhere: 1 });
  await service.logLine({ clusters: '1' });
  expect(refused.status).toBe(409);
  expect(refused.body).toMatchObject({ code: 'not_a_member', detail: expect.stringContaining('CLUSTERER_SERVER_ID') });
});

it('in a table of version 1 a cluster of dialect 2.4 has the defaults, and they cannot be changed', async () => {
  const environment = { CLUSTERER_DIALECT: '1:2.4', CLUSTERER_SERVER_ID: '9' };
  const service = await startServiceOnDisk(environment);
  await service.provision(1, 9, OWN);

  const machine = await service.provision(1, 2, 'bin:127.0.0.2:5566', { duration: 30 });
  const refused = await service.request('PUT', '/clusters/1/machines/2', { priority: 10 });

  expect(machine).toMatchObject({ dialect: '2.4', priority: 50, sip_addr: null, duration: 30 });
  expect(refused.status).toBe(400);
  expect(refused.body.detail).toContain('priority has no column in this table: leave it out');
});

it('an own row that is disabled is warned of once, with what to do', async () => {
  const service = await startMember();
  const warnings = () => service.logLines.filter(({ msg }) => /own row disabled/.test(String(msg)));
  const reload = async (state: number) => {
    await withTable(service, (table) => table.query(`UPDATE clusterer SET state = ${state} WHERE node_id = 9`));
    await service.request('POST', '/reload');
  };
  await reload(1);
  expect(warnings()).toEqual([]);
  await reload(0);
  await reload(0);
  expect(warnings()).toMatchObject([{ clusters: '1', level: 40 }]);
  await reload(1);
  await reload(0);
  expect(warnings()).toHaveLength(2);
});
