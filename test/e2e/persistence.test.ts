import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { openDatabase } from '../../src/storage/database.js';
import { FakeClock } from '../support/engine/fake-clock.js';
import { startServiceOnDisk, stopServicesAfterEach, type TestService } from '../support/service/service.js';
import { Table, withTable } from '../support/tables/table.js';

stopServicesAfterEach();

const PERSISTENT = { CLUSTERER_PERSISTENT_MODE: '1' };
const reload = (service: TestService) => service.request('POST', '/reload');
const setStatus = (service: TestService, machineId: number, status: 'up' | 'down') =>
  service.request('PUT', `/clusters/1/machines/${machineId}/status`, { status });
const countFailure = (service: TestService, machineId: number) =>
  service.request('PUT', `/clusters/1/machines/${machineId}/state`, { state: 2 });

/** Records the rows that are written, in order. */
const watchWrites = (table: Table) =>
  table.run(`CREATE TABLE written (machine_id INTEGER);
    CREATE TRIGGER watch AFTER UPDATE ON clusterer BEGIN INSERT INTO written VALUES (NEW.machine_id); END;`);
const writes = (service: TestService) => withTable(service, (table) => table.query('SELECT machine_id FROM written'));
const states = (service: TestService) => withTable(service, (table) => table.states());

async function withMachines(service: TestService, ...ids: number[]): Promise<void> {
  for (const id of ids) await service.provision(1, id, `bin:127.0.0.${id}:5555`);
  await withTable(service, watchWrites);
}

describe('in persistent mode', () => {
  it('changed rows, and no others, are written in one batch after the sync interval', async () => {
    const clock = new FakeClock();
    const service = await startServiceOnDisk(PERSISTENT, { clock });
    await withMachines(service, 2, 3, 4);
    await setStatus(service, 2, 'down');
    clock.advance(600);
    await countFailure(service, 4);
    await countFailure(service, 4);
    clock.advance(399);
    expect(await writes(service)).toEqual([]);
    clock.advance(1);
    await service.logLine({ msg: 'changed rows written', rows: 2 });
    expect(await writes(service)).toEqual([[2], [4]]);
    expect(await states(service)).toEqual([
      [2, 0, 0, 0],
      [3, 1, 0, 0],
      [4, 1, 2, 1_800_000_000],
    ]);
  });

  it('a change waits for the sync interval only, not in addition for a write under way', async () => {
    const clock = new FakeClock();
    const service = await startServiceOnDisk(PERSISTENT, { clock, openDatabase });
    await withMachines(service, 2, 3);
    const table = await Table.open(service.databaseFile);
    const unlock = await table.lock();
    await setStatus(service, 2, 'down');
    clock.advance(1_000);
    await setStatus(service, 2, 'up');
    await countFailure(service, 2);
    clock.advance(1_000);
    await unlock();
    await table.close();
    await reload(service);
    expect(await writes(service)).toEqual([[2], [2]]);
    expect(await states(service)).toEqual([
      [2, 1, 1, 1_800_000_001],
      [3, 1, 0, 0],
    ]);
  });

  it('a failed attempt and the end of a disabling are written too', async () => {
    const clock = new FakeClock();
    const service = await startServiceOnDisk(PERSISTENT, { clock });
    const machine = createServer().listen(0, '127.0.0.1');
    await once(machine, 'listening');
    const { port } = machine.address() as AddressInfo;
    await once(machine.close(), 'close');
    await service.provision(1, 2, `bin:127.0.0.1:${port}`, { failed_attempts: 1, duration: 10 });
    const { body } = await service.request('POST', '/clusters/1/packets', { module: 'ul', packet_type: 1 });
    expect(body).toEqual({ results: [{ machine_id: 2, sent: false, error: 'refused' }] });
    await reload(service);
    expect(await states(service)).toEqual([[2, 2, 1, 1_800_000_000]]);
    clock.advance(10_000);
    await reload(service);
    expect(await states(service)).toEqual([[2, 1, 0, 1_800_000_000]]);
  });

  it('a row that was deleted in the meantime prevents no other write', async () => {
    const service = await startServiceOnDisk({ ...PERSISTENT, CLUSTERER_SYNC_INTERVAL_MS: '20' });
    await withMachines(service, 2, 3);
    await withTable(service, (table) => table.run('DELETE FROM clusterer WHERE machine_id = 2'));
    await setStatus(service, 2, 'down');
    await service.logLine({ msg: 'changed rows written', rows: 1 });
    await setStatus(service, 3, 'down');
    await reload(service);
    expect(await states(service)).toEqual([[3, 0, 0, 0]]);
  });

  it('changes that could not be written are written when the table is available again', async () => {
    const clock = new FakeClock();
    const service = await startServiceOnDisk(PERSISTENT, { clock });
    await withMachines(service, 2);
    await withTable(service, (table) => table.run('ALTER TABLE clusterer RENAME TO elsewhere'));
    await setStatus(service, 2, 'down');
    clock.advance(1_000);
    await service.logLine({ msg: 'table write failed; retrying', failures: 1 });
    await withTable(service, (table) => table.run('ALTER TABLE elsewhere RENAME TO clusterer'));
    clock.advance(2_000);
    await service.logLine({ msg: 'table writes resumed' });
    expect(await states(service)).toEqual([[2, 0, 0, 0]]);
  });

  it('every machine is the same after a stop and a start', async () => {
    const service = await startServiceOnDisk(PERSISTENT);
    await withMachines(service, 2, 3);
    await setStatus(service, 2, 'down');
    await countFailure(service, 3);
    await service.stop();
    await service.start();
    const { body } = await service.request('GET', '/nodes');
    expect(body.nodes).toMatchObject([
      { machine_id: 2, state: 'down' },
      { machine_id: 3, state: 'up', no_tries: 1 },
    ]);
  });
});

test('a new machine is in the table as it was provisioned, in either mode', async () => {
  const service = await startServiceOnDisk();
  await service.provision(1, 2, 'bin:127.0.0.2:5555', { state: 'down' });
  expect(await states(service)).toEqual([[2, 0, 0, 0]]);
});

test('without persistent mode no change of state, tries or last attempt is written', async () => {
  const service = await startServiceOnDisk({ CLUSTERER_SYNC_INTERVAL_MS: '10' });
  await withMachines(service, 2, 3);
  await setStatus(service, 2, 'down');
  await countFailure(service, 3);
  const put = await service.request('PUT', '/clusters/1/machines/3', { state: 'down', description: 'sip-3' });
  expect(put.body).toMatchObject({ state: 'down', description: 'sip-3', no_tries: 1 });
  await service.stop();
  expect(await states(service)).toEqual([
    [2, 1, 0, 0],
    [3, 1, 0, 0],
  ]);
  expect(await writes(service)).toEqual([[3]]);
});
