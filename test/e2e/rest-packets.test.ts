import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { fullPort, Recorded, startPeer } from '../integration/bin-peers.js';
import { FakeClock } from '../support/engine/fake-clock.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();

const peers: { server: Server; sockets: Socket[] }[] = [];

afterEach(() => {
  for (const { server, sockets } of peers.splice(0)) {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
});

/** Starts a machine at another loopback address that records what it receives. */
async function startMachine(host: string) {
  const chunks = new Recorded<{ from: string | undefined; hex: string }>();
  const sockets: Socket[] = [];
  const { server, port } = await startPeer(host, (socket) => {
    sockets.push(socket);
    socket.on('data', (bytes) => chunks.add({ from: socket.remoteAddress, hex: bytes.toString('hex') }));
  });
  peers.push({ server, sockets });
  return { url: `bin:${host}:${port}`, chunks };
}

/** Returns the URL of a port without a listener. */
async function refusingUrl(host: string): Promise<string> {
  const { server, port } = await startPeer(host, () => {});
  await once(server.close(), 'close');
  return `bin:${host}:${port}`;
}

const PACKETS = '/clusters/1/packets';

test('a packet goes to every machine that is up, with the bytes that 2.2 would send, from our own address and id', async () => {
  const service = await startService({ CLUSTERER_SERVER_ID: '7' });
  const [second, third] = [await startMachine('127.0.0.2'), await startMachine('127.0.0.3')];
  await service.provision(1, 7, 'bin:127.0.0.1:5555');
  await service.provision(1, 3, third.url);
  await service.provision(1, 2, second.url);
  await service.provision(1, 4, await refusingUrl('127.0.0.4'), { state: 'down' });
  await service.provision(1, 5, 'udp:127.0.0.5');
  const answer = await service.request('POST', PACKETS, { module: 'ul', packet_type: 3, payload: 'aGVsbG8=' });
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    results: [
      { machine_id: 2, sent: true },
      { machine_id: 3, sent: true },
    ],
  });
  const frame = {
    from: '127.0.0.1',
    hex: `5034434b${'1f000000'}${'01000000'}${'02000000756c'}${'03000000'}${'07000000'}${'68656c6c6f'}`,
  };
  expect(await second.chunks.atLeast(1)).toEqual([frame]);
  expect(await third.chunks.atLeast(1)).toEqual([frame]);
});

test('packet type, version and a missing payload are sent as given', async () => {
  const service = await startService();
  const machine = await startMachine('127.0.0.2');
  await service.provision(1, 2, machine.url);
  await service.request('POST', PACKETS, { module: 'é', packet_type: -2, version: 65535, protocol: 'BIN' });
  expect((await machine.chunks.atLeast(1))[0]?.hex).toBe(
    `5034434b${'1a000000'}${'ffff0000'}${'02000000c3a9'}${'feffffff'}${'00000000'}`,
  );
});

test('an observer logs once that its packets have the machine id 0', async () => {
  const service = await startService();
  await service.provision(1, 2, await refusingUrl('127.0.0.2'));
  await service.request('POST', PACKETS, { module: 'ul', packet_type: 1 });
  await service.request('POST', PACKETS, { module: 'ul', packet_type: 1 });
  const said = service.logLines.filter(({ msg }) => String(msg).startsWith('CLUSTERER_SERVER_ID is 0'));
  expect(said).toHaveLength(1);
});

test('a payload can fill a frame of 65535 bytes, and one more byte is refused', async () => {
  const service = await startService();
  const machine = await startMachine('127.0.0.2');
  await service.provision(1, 2, machine.url);
  const send = (bytes: number) =>
    service.request('POST', PACKETS, {
      module: 'ul',
      packet_type: 1,
      payload: Buffer.alloc(bytes).toString('base64'),
    });
  expect((await send(65_509)).body).toEqual({ results: [{ machine_id: 2, sent: true }] });
  const tooLong = await send(65_510);
  expect([tooLong.status, tooLong.body.code, tooLong.body.errors[0].pointer]).toEqual([
    400,
    'payload_too_long',
    '/payload',
  ]);
});

test('an invalid packet is 400 with a pointer to the field', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2');
  const bad: readonly (readonly [object, string])[] = [
    [{ module: '' }, '/module'],
    [{ module: 'x'.repeat(256) }, '/module'],
    [{ packet_type: 2147483648 }, '/packet_type'],
    [{ packet_type: -2147483649 }, '/packet_type'],
    [{ packet_type: '3' }, '/packet_type'],
    [{ packet_type: 1.5 }, '/packet_type'],
    [{ version: 65536 }, '/version'],
    [{ version: -1 }, '/version'],
    [{ payload: 'not base64!' }, '/payload'],
    [{ payload: 'YQ' }, '/payload'],
    [{ payload: 'YQ=' }, '/payload'],
    [{ payload: '-_8=' }, '/payload'],
    [{ payload: 'YQ==\n' }, '/payload'],
    [{ payload: null }, '/payload'],
    [{ machine_id: 0 }, '/machine_id'],
    [{ machine: 3 }, '/machine'],
  ];
  for (const [fault, pointer] of bad) {
    const answer = await service.request('POST', PACKETS, { module: 'ul', packet_type: 1, ...fault });
    expect([fault, answer.status, answer.body.errors[0].pointer]).toEqual([fault, 400, pointer]);
  }
  const empty = await service.request('POST', PACKETS, {});
  expect(empty.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/module', '/packet_type']);
  const untyped = await service.request('POST', PACKETS, { module: 'ul' });
  expect([untyped.status, untyped.body.errors[0].pointer]).toEqual([400, '/packet_type']);
  const udp = await service.request('POST', PACKETS, { module: 'ul', packet_type: 1, protocol: 'udp' });
  expect([udp.status, udp.body.code]).toEqual([400, 'protocol_not_supported']);
});

test('an unknown cluster is 404, and one without machines to try returns an empty list', async () => {
  const service = await startService({ CLUSTERER_SERVER_ID: '7' });
  const packet = { module: 'ul', packet_type: 1 };
  const unknown = await service.request('POST', PACKETS, packet);
  expect([unknown.status, unknown.body.code]).toEqual([404, 'unknown_cluster']);
  await service.provision(1, 7, 'bin:127.0.0.1:5555');
  expect((await service.request('POST', PACKETS, packet)).body).toEqual({ results: [] });
});

test('a machine is disabled at its limit, and is tried again after its duration', async () => {
  const clock = new FakeClock();
  const service = await startService({}, { clock });
  await service.provision(1, 2, await refusingUrl('127.0.0.2'), { failed_attempts: 2, duration: 10 });
  const send = async () => (await service.request('POST', PACKETS, { module: 'ul', packet_type: 1 })).body.results;
  const machine = async () => (await service.request('GET', '/clusters/1/machines/2')).body;
  const refused = [{ machine_id: 2, sent: false, error: 'refused' }];

  expect(await send()).toEqual(refused);
  expect(await machine()).toMatchObject({ state: 'up', no_tries: 1, last_attempt: 1_800_000_000 });
  expect(await send()).toEqual(refused);
  expect(await machine()).toMatchObject({ state: 'temp_disabled', no_tries: 2, seconds_until_enabling: 10 });
  expect(await send()).toEqual([]);
  clock.advance(10_000);
  expect(await machine()).toMatchObject({ state: 'up', no_tries: 0 });
  expect(await send()).toEqual(refused);
  expect(await machine()).toMatchObject({ state: 'up', no_tries: 1, last_attempt: 1_800_000_010 });
});

test('a successful send clears the tries', async () => {
  const service = await startService();
  const peer = await startMachine('127.0.0.2');
  await service.provision(1, 2, peer.url);
  await service.request('PUT', '/clusters/1/machines/2/state', { state: 2 });
  await service.request('POST', PACKETS, { module: 'ul', packet_type: 1 });
  expect((await service.request('GET', '/clusters/1/machines/2')).body).toMatchObject({ state: 'up', no_tries: 0 });
});

test('a host that cannot be resolved is one failed attempt per send', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:no-such-host.invalid');
  const answer = await service.request('POST', PACKETS, { module: 'ul', packet_type: 1 });
  expect(answer.body).toEqual({ results: [{ machine_id: 2, sent: false, error: 'unresolved' }] });
  expect((await service.request('GET', '/clusters/1/machines/2')).body.no_tries).toBe(1);
});

test('an address that our own address cannot reach is address_unusable, and not a failed attempt', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:[::1]:5555');
  const answer = await service.request('POST', PACKETS, { module: 'ul', packet_type: 1 });
  expect(answer.body).toEqual({ results: [{ machine_id: 2, sent: false, error: 'address_unusable' }] });
  expect((await service.request('GET', '/clusters/1/machines/2')).body.no_tries).toBe(0);
});

test('ten sends that wait for one connection are one failed attempt', async () => {
  const service = await startService();
  const full = await fullPort();
  await service.provision(1, 2, `bin:127.0.0.1:${full.port}`, { failed_attempts: 5 });
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => service.request('POST', PACKETS, { module: 'ul', packet_type: 1 })),
  );
  expect(answers.map(({ body }) => body.results)).toEqual(
    Array(10).fill([{ machine_id: 2, sent: false, error: 'timeout' }]),
  );
  expect((await service.request('GET', '/clusters/1/machines/2')).body).toMatchObject({ state: 'up', no_tries: 1 });
  await full.release();
});

test('a failed send does not undo a status that was set after it started', async () => {
  const service = await startService();
  const full = await fullPort();
  await service.provision(1, 2, `bin:127.0.0.1:${full.port}`, { failed_attempts: 1 });
  const sending = service.request('POST', PACKETS, { module: 'ul', packet_type: 1 });
  await service.request('GET', '/id');
  const set = await service.request('PUT', '/clusters/1/machines/2/status', { status: 'up' });
  expect((await sending).body.results).toEqual([{ machine_id: 2, sent: false, error: 'timeout' }]);
  expect((await service.request('GET', '/clusters/1/machines/2')).body).toEqual(set.body);
  await full.release();
});

test('the list of modules does not contain the secret id of a registration', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2');
  expect((await service.request('GET', '/modules')).body).toEqual({ modules: [] });
  const client = await service.socket();
  const { registration, number } = await client.call('register_module', {
    module: 'ul',
    protocol: 'bin',
    timeout: 10,
    auth_check: true,
    cluster_id: 1,
  });
  const { body, text } = await service.request('GET', '/modules');
  expect(body.modules).toMatchObject([
    {
      number,
      module: 'ul',
      protocol: 'bin',
      cluster_id: 1,
      timeout: 10,
      auth_check: true,
      connected: true,
      packets: 0,
      dropped: 0,
      unknown_source: 0,
      machines: [{ machine_id: 2, reception: 'receiving', seconds_until_enabling: 0, packets: 0 }],
    },
  ]);
  expect(text).not.toContain(registration);
});
