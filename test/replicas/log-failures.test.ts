import { RpcError } from '../support/peers/socket-client.js';
import { NumberedModule } from '../support/replicas/numbered-module.js';
import { PacketStream } from '../support/replicas/packet-stream.js';
import type { ReplicaProcess } from '../support/replicas/replica-process.js';
import { describeWithReplicas, ReplicaSet } from '../support/replicas/replica-set.js';
import { eventually } from '../support/service/eventually.js';

jest.setTimeout(120_000);

/** Longer than what sockets hold, so that senders are slowed down. */
const PAYLOAD_BYTES = 4_000;
const FRAME_TIMEOUT_MS = 500;

describeWithReplicas('replicas whose NATS server', () => {
  let set: ReplicaSet;
  let a: ReplicaProcess;
  let b: ReplicaProcess;
  const streams: PacketStream[] = [];

  beforeAll(async () => {
    const environment = { CLUSTERER_BIN_FRAME_TIMEOUT_MS: String(FRAME_TIMEOUT_MS) };
    set = await ReplicaSet.start({ replicas: 2, environment });
    [a, b] = set.all as [ReplicaProcess, ReplicaProcess];
    await set.provision(a, 70, 2, 'bin:127.0.154.2:5555');
  });
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.discard();
  });
  afterAll(() => set?.stop());

  const isReady = async (replica: ReplicaProcess) => (await replica.request('GET', '/readyz')).body.status === 'ready';
  const ready = () => eventually(async () => (await Promise.all(set.all.map(isReady))).every(Boolean));

  it.each([
    ['is frozen', async () => set.nats.freeze(), async () => set.nats.thaw()],
    ['is killed', () => set.nats.kill(), () => set.nats.run()],
  ])('%s read from memory and refuse writes, and go on when it is back', async (_, stop, goOn) => {
    await ready();
    const socket = await b.socket();
    const path = '/clusters/70/machines/2';
    await eventually(async () => (await b.request('GET', path)).status === 200);
    await stop();
    for (const replica of set.all) {
      await eventually(async () => {
        const { status, body } = await replica.request('GET', '/readyz');
        return status === 503 && body.status === 'log_unavailable';
      });
      expect((await replica.request('GET', '/healthz')).status).toBe(200);
      const read = await replica.request('GET', path);
      expect([read.status, read.body.machine_id]).toEqual([200, 2]);
      expect(Number(read.headers.get('age'))).toBeGreaterThanOrEqual(0);
      const listed = await replica.request('POST', '/mi', { jsonrpc: '2.0', id: 1, method: 'clusterer_list' });
      expect(listed.body.error).toBeUndefined();
      expect(Number(listed.headers.get('age'))).toBeGreaterThanOrEqual(0);
      for (const [method, to, body] of [
        ['PUT', `${path}/status`, { status: 'down' }],
        ['PUT', path, { description: 'lost' }],
        ['POST', '/reload', undefined],
        ['POST', '/clusters/70/packets', { module: 'ul', packet_type: 3 }],
      ] as const) {
        const refused = await replica.request(method, to, body);
        expect([to, refused.status, refused.body.code]).toEqual([to, 503, 'log_unavailable']);
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      }
    }
    const refused = socket.call('set_state', { cluster_id: 70, machine_id: 2, state: 0, protocol: 'bin' });
    await expect(refused).rejects.toThrow(RpcError);
    await expect(refused).rejects.toMatchObject({ code: 503 });
    expect(await socket.call('get_my_id')).toEqual({ server_id: 0 });
    await goOn();
    await ready();
    await set.leader();
    await eventually(async () => (await b.request('PUT', path, { description: 'found' })).status === 200);
    expect((await b.request('GET', path)).body).toMatchObject({ state: 'up', description: 'found' });
    expect((await b.request('GET', path)).headers.get('age')).toBeNull();
    await socket.close();
  });

  it('is down slow senders down, and deliver everything once and in order when it is back, half a packet too', async () => {
    await ready();
    const module = await NumberedModule.register(a, 71);
    const stream = new PacketStream({
      localAddress: '127.0.154.2',
      packetsPerSecond: 4_000,
      payloadBytes: PAYLOAD_BYTES,
    });
    const halved = new PacketStream({ localAddress: '127.0.154.3', machineId: 3, packetsPerSecond: 0 });
    streams.push(stream, halved);
    await stream.connect(b);
    await halved.connect(b);
    await module.until(1_000);
    halved.writeHalf();
    await set.nats.kill();
    await eventually(() => stream.isBlocked);
    const blockedAt = stream.sent;
    const from = performance.now();
    // Longer than half a packet may wait for its rest while sockets are read.
    await eventually(() => performance.now() - from > 2 * FRAME_TIMEOUT_MS);
    expect([stream.sent, stream.isBlocked, stream.isConnected, halved.isConnected]).toEqual([
      blockedAt,
      true,
      true,
      true,
    ]);
    stream.pause();
    halved.finishHalf();
    await set.nats.run();
    await stream.end();
    await module.untilPackets(stream.sent + 1);
    expect(module.faults).toEqual([]);
    const ofHalved = module.numbers.lastIndexOf(1);
    expect(module.numbers.toSpliced(ofHalved, 1)).toEqual(Array.from({ length: stream.sent }, (_, i) => i + 1));
    expect(halved.isConnected).toBe(true);
    await module.cut();
  });

  it('loses its files start again, with another epoch', async () => {
    await ready();
    const module = await NumberedModule.register(a, 72);
    await set.nats.kill();
    set.nats.empty();
    await set.nats.run();
    for (const replica of set.all) {
      expect(await replica.service.exited).toBe(1);
      await replica.end();
    }
    await Promise.all(set.all.map((replica) => replica.start()));
    expect(await module.resumeAt(b)).toMatchObject({ resumed: false, reason: 'epoch' });
    const machines = (await b.request('GET', '/nodes?cluster_id=70')).body.nodes;
    expect(machines).toMatchObject([{ machine_id: 2 }]);
    await module.cut();
  });
});
