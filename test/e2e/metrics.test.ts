import { FakeClock } from '../support/engine/fake-clock.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { eventually } from '../support/service/eventually.js';
import { only, scrape } from '../support/service/metrics.js';
import {
  startService,
  startServiceOnDisk,
  stopServicesAfterEach,
  type TestService,
} from '../support/service/service.js';
import { withTable } from '../support/tables/table.js';

stopServicesAfterEach();
disconnectPeersAfterEach();

const UL = { module: 'ul', protocol: 'bin', timeout: 1, auth_check: true, cluster_id: 1 };

/** Scrapes until the series has this value. */
async function until(service: TestService, series: string, value: number): Promise<void> {
  await eventually(async () => (await scrape(service))[series] === value);
}

const setState = (service: TestService, machineId: number, state: string) =>
  service.request('PUT', `/clusters/1/machines/${machineId}/state`, { state });

test('machines are counted by state, and each has a series with its own', async () => {
  const service = await startService();
  for (const [machineId, more] of [[2], [3, { failed_attempts: 1 }], [4], [5, { state: 'down' }]] as const) {
    await service.provision(1, machineId, `bin:127.0.0.${machineId}`, more);
  }
  await service.provision(7, 2, 'bin:127.0.0.2');
  await setState(service, 3, 'temp_disabled');
  const series = await scrape(service);
  expect(series).toMatchObject({
    clusterer_nodes: 5,
    clusterer_nodes_up: 3,
    clusterer_nodes_down: 1,
    clusterer_nodes_temp_disabled: 1,
  });
  expect(only(series, 'clusterer_node_state')).toEqual({
    '{cluster_id="1",machine_id="2"}': 1,
    '{cluster_id="1",machine_id="3"}': 2,
    '{cluster_id="1",machine_id="4"}': 1,
    '{cluster_id="1",machine_id="5"}': 0,
    '{cluster_id="7",machine_id="2"}': 1,
  });
  await service.request('DELETE', '/clusters/1/machines/2');
  expect(only(await scrape(service), 'clusterer_node_state')).not.toHaveProperty(['{cluster_id="1",machine_id="2"}']);
});

test('drained machines are counted apart from those that are just down', async () => {
  const service = await startService();
  for (const machineId of [2, 3, 4]) await service.provision(1, machineId, `bin:127.0.0.${machineId}`);
  await setState(service, 2, 'down');
  await service.request('PUT', '/clusters/1/machines/3/status', { status: 0, reason: 'new kernel' });
  expect(await scrape(service)).toMatchObject({ clusterer_nodes_down: 2, clusterer_nodes_drained: 1 });
  await service.request('PUT', '/clusters/1/machines/3/status', { status: 1 });
  expect(await scrape(service)).toMatchObject({ clusterer_nodes_down: 1, clusterer_nodes_drained: 0 });
});

test('at most CLUSTERER_METRICS_MACHINES machines have a series, and all are counted', async () => {
  const service = await startService({ CLUSTERER_METRICS_MACHINES: '2' });
  for (const machineId of [2, 3, 4]) await service.provision(1, machineId, `bin:127.0.0.${machineId}`);
  const series = await scrape(service);
  expect(Object.keys(only(series, 'clusterer_node_state'))).toEqual([
    '{cluster_id="1",machine_id="2"}',
    '{cluster_id="1",machine_id="3"}',
  ]);
  expect(series.clusterer_nodes).toBe(3);
});

test('changes of state are counted by cause', async () => {
  const clock = new FakeClock();
  const service = await startService({}, { clock });
  await service.provision(1, 2, 'bin:127.0.0.2', { failed_attempts: 1, duration: 10 });
  for (const status of ['down', 'down', 'up']) {
    await service.request('PUT', '/clusters/1/machines/2/status', { status });
  }
  await setState(service, 2, 'temp_disabled');
  clock.advance(10_000);
  expect(only(await scrape(service), 'clusterer_state_transitions_total')).toEqual({
    '{from="up",to="down",cause="operator"}': 1,
    '{from="down",to="up",cause="operator"}': 1,
    '{from="up",to="temp_disabled",cause="set_state"}': 1,
    '{from="temp_disabled",to="up",cause="duration_passed"}': 1,
  });
});

test('received packets are counted by module and result, even after the registration has ended', async () => {
  const clock = new FakeClock();
  const service = await startService({}, { clock });
  await service.provision(1, 2, 'bin:127.0.0.2');
  const client = await service.socket();
  const first = await client.call('register_module', UL);
  await client.call('register_module', { ...UL, module: 'dialog', timeout: 0 });
  const [peer, stranger] = [await connectPeer(service), await connectPeer(service, '127.0.0.3')];
  peer.write(Buffer.concat([packetBytes(), packetBytes(), packetBytes({ module: 'nobody', payload: 'x' })]));
  await client.first('packet', 2);
  stranger.write(packetBytes());
  await until(service, 'clusterer_packets_received_total{module="ul",result="unknown_source"}', 1);
  clock.advance(1001);
  peer.write(packetBytes());
  await client.first('temp_disabled');
  const counted = {
    '{module="ul",result="delivered"}': 2,
    '{module="ul",result="dropped"}': 1,
    '{module="ul",result="unknown_source"}': 1,
    '{module="dialog",result="delivered"}': 0,
    '{module="dialog",result="dropped"}': 0,
    '{module="dialog",result="unknown_source"}': 0,
    '{module="other",result="unclaimed"}': 1,
  };
  expect(only(await scrape(service), 'clusterer_packets_received_total')).toEqual(counted);

  await client.call('unregister_module', { registration: first.registration });
  expect(only(await scrape(service), 'clusterer_packets_received_total')).toEqual(counted);
  await client.call('register_module', UL);
  peer.write(packetBytes());
  await client.first('packet', 3);
  expect(only(await scrape(service), 'clusterer_packets_received_total')).toEqual({
    ...counted,
    '{module="ul",result="delivered"}': 3,
  });
});

test('each module that watches machines has a series with its longest silence', async () => {
  const clock = new FakeClock();
  const service = await startService({}, { clock });
  for (const machineId of [2, 3]) await service.provision(1, machineId, `bin:127.0.0.${machineId}`);
  const client = await service.socket();
  const ul = { ...UL, timeout: 60 };
  await client.call('register_module', ul);
  await client.call('register_module', { ...ul, module: 'dialog', cluster_id: 5 });
  await client.call('register_module', { ...ul, module: 'any', timeout: 0 });
  clock.advance(2000);
  await client.call('register_module', ul);
  (await connectPeer(service)).write(packetBytes({ machineId: 2 }));
  await client.first('packet', 2);
  clock.advance(500);
  expect(only(await scrape(service), 'clusterer_reception_silence_seconds')).toEqual({ '{module="ul"}': 2.5 });
});

test('sent packets are counted by result', async () => {
  const service = await startService();
  await service.provision(1, 2, `bin:127.0.0.1:${service.bin.port}`);
  await service.provision(1, 3, 'bin:127.0.0.1:1');
  await service.provision(1, 4, 'bin:127.0.0.1:1', { state: 'down' });
  for (let i = 0; i < 2; i++) await service.request('POST', '/clusters/1/packets', { module: 'ul', packet_type: 1 });
  expect(only(await scrape(service), 'clusterer_packets_sent_total')).toEqual({
    '{result="sent"}': 2,
    '{result="refused"}': 2,
  });
});

test('sockets are counted while they are open, and by close code afterwards, whichever side closed them', async () => {
  const service = await startService({ CLUSTERER_WS_FRAME_BYTES: '1000' });
  const clients = await Promise.all(Array.from({ length: 7 }, () => service.socket()));
  const [done, lost, strange, tooLong, noText, noJson] = clients;
  expect(await scrape(service)).toMatchObject({ clusterer_ws_clients: 7, clusterer_ws_queue_bytes: 0 });
  done?.socket.close(1000);
  lost?.socket.terminate();
  strange?.socket.close(3999);
  tooLong?.socket.send(' '.repeat(1001));
  noText?.socket.send(Buffer.from([0xff]), { binary: false });
  noJson?.socket.send('?');
  await Promise.all(clients.slice(0, 6).map(({ closed }) => closed));
  await until(service, 'clusterer_ws_clients', 1);
  expect(only(await scrape(service), 'clusterer_ws_closed_total')).toEqual({
    '{code="1000"}': 1,
    '{code="1006"}': 1,
    '{code="other"}': 1,
    '{code="1009"}': 1,
    '{code="1007"}': 1,
    '{code="4501"}': 1,
  });
});

test('the bytes that wait for clients are counted', async () => {
  const service = await startService();
  const client = await service.socket();
  await client.call('register_module', { ...UL, timeout: 0, auth_check: false });
  client.socket.pause();
  const peer = await connectPeer(service);
  const burst = Buffer.concat(Array.from({ length: 100 }, () => packetBytes({ payload: Buffer.alloc(10_000) })));
  let waiting: number | undefined = 0;
  for (let bursts = 0; !waiting && bursts < 100; bursts++) {
    peer.write(burst);
    waiting = (await scrape(service)).clusterer_ws_queue_bytes;
  }
  expect(waiting).toBeGreaterThan(10_000);
});

test('unwritten rows are counted, and the time of each write is observed', async () => {
  const clock = new FakeClock();
  const service = await startServiceOnDisk({ CLUSTERER_PERSISTENT_MODE: '1' }, { clock });
  for (const machineId of [2, 3]) await service.provision(1, machineId, `bin:127.0.0.${machineId}`);
  expect(await scrape(service)).toMatchObject({ clusterer_dirty_rows: 0, clusterer_db_flush_seconds_count: 0 });
  for (const machineId of [2, 3]) await setState(service, machineId, 'down');
  expect(await scrape(service)).toMatchObject({ clusterer_dirty_rows: 2, clusterer_db_flush_seconds_count: 0 });
  await withTable(service, (table) => table.run('ALTER TABLE clusterer RENAME TO elsewhere'));
  clock.advance(1000);
  await service.logLine({ msg: 'table write failed; retrying' });
  expect(await scrape(service)).toMatchObject({ clusterer_dirty_rows: 2, clusterer_db_flush_seconds_count: 1 });
  await withTable(service, (table) => table.run('ALTER TABLE elsewhere RENAME TO clusterer'));
  clock.advance(60_000);
  await service.logLine({ msg: 'table writes resumed' });
  expect(await scrape(service)).toMatchObject({ clusterer_dirty_rows: 0, clusterer_db_flush_seconds_count: 2 });
});

test('without persistent mode no row is unwritten', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2');
  await setState(service, 2, 'down');
  expect((await scrape(service)).clusterer_dirty_rows).toBe(0);
});

test('two services in one process have their own counts', async () => {
  const [one, other] = [await startService(), await startService()];
  await one.provision(1, 2, 'bin:127.0.0.2');
  expect((await scrape(one)).clusterer_nodes).toBe(1);
  expect((await scrape(other)).clusterer_nodes).toBe(0);
});
