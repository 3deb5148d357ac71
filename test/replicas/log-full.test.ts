import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { closeConnections, connectTo } from '../support/nats/connect.js';
import { NatsServer } from '../support/nats/nats-server.js';
import { NumberedModule } from '../support/replicas/numbered-module.js';
import { PacketStream } from '../support/replicas/packet-stream.js';
import type { ReplicaProcess } from '../support/replicas/replica-process.js';
import { describeWithReplicas, ReplicaSet } from '../support/replicas/replica-set.js';
import { eventually } from '../support/service/eventually.js';

jest.setTimeout(60_000);

/** Twelve seconds of packets: longer than from one snapshot to the next. */
const STORE_BYTES = 24 * 2 ** 20;

describeWithReplicas('two replicas whose NATS server has a small store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clusterer-nats-'));
  const configuration = join(folder, 'nats.conf');
  let set: ReplicaSet;
  let a: ReplicaProcess;
  let b: ReplicaProcess;
  const streams: PacketStream[] = [];

  beforeAll(async () => {
    writeFileSync(configuration, `jetstream { max_file_store: ${STORE_BYTES} }`);
    const server = await NatsServer.start(['--config', configuration]);
    set = await ReplicaSet.start({ replicas: 2, servers: [server] });
    [a, b] = set.all as [ReplicaProcess, ReplicaProcess];
    await set.provision(a, 100, 2, 'bin:127.0.157.2:5555');
  });
  afterEach(async () => {
    for (const stream of streams.splice(0)) stream.discard();
    await closeConnections();
  });
  afterAll(async () => {
    await set?.stop();
    rmSync(folder, { recursive: true });
  });

  const manager = async () => jetstreamManager((await connectTo(set.nats)).nats);
  const isReady = async (replica: ReplicaProcess) => (await replica.request('GET', '/readyz')).body.status === 'ready';
  const says = (text: string) =>
    set.all.some(({ service }) => service.logLines.some(({ msg }) => String(msg).startsWith(text)));

  async function streamTo(replica: ReplicaProcess): Promise<PacketStream> {
    const stream = new PacketStream({ localAddress: '127.0.157.2', packetsPerSecond: 500, payloadBytes: 4_000 });
    streams.push(stream);
    await stream.connect(replica);
    return stream;
  }

  it('make room themselves, lose and repeat nothing, and can be joined', async () => {
    const module = await NumberedModule.register(a, 100);
    const stream = await streamTo(b);
    // More than the store has room for, before the oldest snapshot is old enough to remove anything.
    const packets = Math.ceil((1.5 * STORE_BYTES) / 4_000);
    await module.until(packets);
    await stream.end();
    await module.until(stream.sent);
    expect([module.numbers.length, module.missing, module.faults]).toEqual([stream.sent, [], []]);
    expect(says('Log is full')).toBe(true);
    expect(says('Oldest part of the full log removed')).toBe(true);
    const leader = await set.leader();
    await eventually(async () => {
      const written = await leader.request('PUT', '/clusters/100/machines/2', { description: 'found' });
      return written.status === 200;
    });
    expect(await b.end('SIGTERM')).toBe(0);
    await b.start();
    expect((await b.request('GET', '/clusters/100/machines/2')).body.description).toBe('found');
    await module.cut();
  });

  it('that another stream has filled refuse writes, slow senders down, say what to do, and go on when there is room', async () => {
    await eventually(async () => (await Promise.all(set.all.map(isReady))).every(Boolean));
    const streamsOf = (await manager()).streams;
    const name = 'OTHER';
    await streamsOf.add({ name, subjects: ['other'] });
    const module = await NumberedModule.register(a, 101);
    const other = jetstream((await connectTo(set.nats)).nats);
    const filler = Buffer.alloc(100_000);
    const isStored = () =>
      other.publish('other', filler).then(
        () => true,
        () => false,
      );
    const stream = await streamTo(b);
    // The room that the replicas make is filled too.
    await eventually(async () => !(await isStored()) && stream.isBlocked);
    for (const replica of set.all) {
      await eventually(async () => !(await isReady(replica)));
      const refused = await replica.request('PUT', '/clusters/100/machines/2', { description: 'lost' });
      expect([refused.status, refused.body.code]).toEqual([503, 'log_unavailable']);
    }
    stream.pause();
    await streamsOf.delete(name);
    await stream.end();
    await module.until(stream.sent);
    expect([module.numbers.length, module.missing, module.faults]).toEqual([stream.sent, [], []]);
    await module.cut();
  });
});
