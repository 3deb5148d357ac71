import { FakeClock } from '../support/engine/fake-clock.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import type { SocketClient } from '../support/peers/socket-client.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
disconnectPeersAfterEach();

/** Monitors cluster 1 with a time-out of one second. */
const UL = { module: 'ul', protocol: 'bin', timeout: 1, auth_check: true, cluster_id: 1 };

/** The notifications so far, shortened. The answer to the ping comes after all of them. */
async function received(client: SocketClient) {
  await client.call('ping');
  return client.notifications
    .filter(({ method }) => method !== 'welcome')
    .map(({ method, params }) => {
      const { registration: _, cluster_id: __, machine_id: ___, source: ____, received_at: _____, ...rest } = params;
      return method === 'packet' ? [method, params.seq] : [method, ...Object.values(rest)];
    });
}

async function monitored() {
  const clock = new FakeClock();
  const service = await startService({}, { clock });
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  const client = await service.socket();
  const { registration } = await client.call('register_module', UL);
  return { clock, service, client, registration, peer: await connectPeer(service) };
}

test('silence, dropped packets and the end of the disabled period are notified in one sequence without gaps', async () => {
  const { clock, service, client, registration, peer } = await monitored();
  clock.advance(1000);
  peer.write(packetBytes());
  await client.first('packet');
  clock.advance(1000);
  expect(await received(client)).toEqual([['packet', 1]]);

  clock.advance(1);
  expect((await client.first('timeout'))[0]).toEqual({
    registration,
    seq: 2,
    cluster_id: 1,
    machine_id: 2,
    silent_for: 1.001,
  });
  expect((await service.request('GET', '/nodes')).body.nodes).toMatchObject([{ state: 'up', disabled_for: ['ul'] }]);
  clock.advance(500);
  peer.write(Buffer.concat([packetBytes(), packetBytes()]));
  expect((await client.first('temp_disabled', 2))[1]).toEqual({
    registration,
    seq: 4,
    cluster_id: 1,
    machine_id: 2,
    dropped: 2,
    seconds_until_enabling: 2,
  });
  expect((await service.request('GET', '/modules')).body.modules).toMatchObject([
    {
      packets: 1,
      dropped: 2,
      machines: [{ machine_id: 2, reception: 'disabled', silent_for: 1.501, seconds_until_enabling: 2, packets: 1 }],
    },
  ]);

  clock.advance(1499);
  expect(await received(client)).toHaveLength(4);
  clock.advance(1);
  expect((await client.first('up'))[0]).toEqual({ registration, seq: 5, cluster_id: 1, machine_id: 2 });
  peer.write(packetBytes());
  await client.first('packet', 2);
  clock.advance(1001 + 2000 + 1001);
  await client.first('timeout', 3);
  expect(await received(client)).toEqual([
    ['packet', 1],
    ['timeout', 2, 1.001],
    ['temp_disabled', 3, 1, 2],
    ['temp_disabled', 4, 2, 2],
    ['up', 5],
    ['packet', 6],
    ['timeout', 7, 1.001],
    ['up', 8],
    ['timeout', 9, 1.001],
  ]);
  expect((await service.request('GET', '/nodes')).body.nodes).toMatchObject([{ disabled_for: ['ul'] }]);
});

test('a packet from an unknown source does not count as a sign of life', async () => {
  const { clock, service, client } = await monitored();
  clock.advance(900);
  const stranger = await connectPeer(service, '127.0.0.3');
  stranger.write(packetBytes());
  await service.logLine({ mismatch: 'ip' });
  clock.advance(101);
  expect((await client.first('timeout'))[0]).toMatchObject({ machine_id: 2, silent_for: 1.001 });
});

test('a machine that is disabled for one registration is received by another', async () => {
  const { clock, client, peer } = await monitored();
  const other = await client.call('register_module', { ...UL, timeout: 60 });
  clock.advance(1001);
  await client.first('timeout');
  peer.write(packetBytes());
  expect((await client.first('packet'))[0]).toMatchObject({ registration: other.registration, seq: 1 });
  await client.first('temp_disabled');
});

test('a module may register for a cluster that is not loaded yet, and its machines are monitored once they are', async () => {
  const clock = new FakeClock();
  const service = await startService({}, { clock });
  const client = await service.socket();
  expect(await client.call('register_module', UL)).toMatchObject({ machines: [], seq: 0 });
  clock.advance(5000);
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  clock.advance(1001);
  expect((await client.first('timeout'))[0]).toMatchObject({ machine_id: 2, silent_for: 1.001, seq: 1 });
});

test.each([
  ['timeout 0', { ...UL, timeout: 0 }],
  ['any cluster', { ...UL, auth_check: false, cluster_id: 0 }],
])('no machine is monitored with %s', async (_, module) => {
  const clock = new FakeClock();
  const service = await startService({}, { clock });
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  const client = await service.socket();
  await client.call('register_module', module);
  clock.advance(86_400_000);
  expect(await received(client)).toEqual([]);
});

test('a machine that is removed causes no timeout, and is monitored again when it is added again', async () => {
  const { clock, service, client } = await monitored();
  clock.advance(900);
  await service.request('DELETE', '/clusters/1/machines/2');
  clock.advance(10_000);
  expect(await received(client)).toEqual([]);
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  clock.advance(1000);
  expect(await received(client)).toEqual([]);
  clock.advance(1);
  expect((await client.first('timeout'))[0]).toMatchObject({ seq: 1, silent_for: 1.001 });
});

test('another address restarts the reception; another description and a reload do not', async () => {
  const { clock, service, client } = await monitored();
  clock.advance(900);
  await service.request('PUT', '/clusters/1/machines/2', { url: 'bin:127.0.0.3:5555' });
  clock.advance(900);
  expect(await received(client)).toEqual([]);
  await service.request('PUT', '/clusters/1/machines/2', { description: 'moved' });
  await service.request('POST', '/reload');
  clock.advance(101);
  expect((await client.first('timeout'))[0]).toMatchObject({ seq: 1, silent_for: 1.001 });
  clock.advance(1000);
  await service.request('POST', '/reload');
  clock.advance(1000);
  expect((await client.first('up'))[0]).toMatchObject({ seq: 2 });
});

test('the shortest time-out works with the real clock', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  const client = await service.socket();
  await client.call('register_module', { ...UL, timeout: 0.05 });
  const [first, second] = await client.first('timeout', 2);
  expect(first?.silent_for).toBe(0.051);
  expect([first?.seq, (await client.first('up'))[0]?.seq, second?.seq]).toEqual([1, 2, 3]);
});
