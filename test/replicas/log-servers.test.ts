import { jetstreamManager } from '@nats-io/jetstream';
import { closeConnections, connectTo } from '../support/nats/connect.js';
import { NatsServer } from '../support/nats/nats-server.js';
import { NumberedModule } from '../support/replicas/numbered-module.js';
import { PacketStream } from '../support/replicas/packet-stream.js';
import { describeWithReplicas, ReplicaSet } from '../support/replicas/replica-set.js';
import { eventually } from '../support/service/eventually.js';
import { freePort } from '../support/service/free-port.js';

jest.setTimeout(180_000);

const NAMES = ['a', 'b', 'c'];

describeWithReplicas('two replicas on three servers of NATS', () => {
  const servers = new Map<string, NatsServer>();
  let set: ReplicaSet;

  beforeAll(async () => {
    const ports = await Promise.all(NAMES.map(() => freePort()));
    const routes = ports.map((port) => `nats://127.0.0.1:${port}`);
    for (const [index, name] of NAMES.entries()) {
      const place = ['--name', name, '--cluster_name', 'test', '--cluster', routes[index] ?? ''];
      servers.set(name, await NatsServer.start([...place, '--routes', routes.join(',')]));
    }
    const environment = { CLUSTERER_NATS_REPLICAS: '3' };
    set = await ReplicaSet.start({ replicas: 2, servers: [...servers.values()], environment });
  });
  afterAll(async () => {
    await closeConnections();
    await set?.stop();
  });

  /** The server that leads the stream of the log. */
  async function streamLeader(): Promise<NatsServer> {
    const all = [...servers.values()].map(({ url }) => url);
    const { nats } = await connectTo(set.nats, { servers: all });
    const { cluster } = await (await jetstreamManager(nats)).streams.info('CLUSTERER_LOG');
    await closeConnections();
    const server = servers.get(cluster?.leader ?? '');
    if (server === undefined) throw new Error('the stream has no leader');
    return server;
  }

  it('lose and repeat no packet when the server that leads the stream is killed', async () => {
    const [a, b] = set.all;
    if (a === undefined || b === undefined) throw new Error('there are two replicas');
    const module = await NumberedModule.register(a, 80);
    const stream = new PacketStream({ localAddress: '127.0.155.2', packetsPerSecond: 5_000 });
    await stream.connect(b);
    await module.until(1_000);
    const server = await streamLeader();
    await server.kill();
    await module.until(stream.sent + 5_000);
    await eventually(async () => {
      const body = { machine_id: 2, url: 'bin:127.0.155.2:5555' };
      return (await b.request('PUT', '/clusters/80/machines/2', body)).status < 300;
    });
    await server.run();
    await stream.end();
    await module.until(stream.sent);
    expect([module.numbers.length, module.missing, module.faults]).toEqual([stream.sent, [], []]);
    await module.cut();
    stream.discard();
  });

  it('find out that one server alone keeps no log, also the replica that appends nothing', async () => {
    const states = () =>
      Promise.all(
        set.all.map(async (replica) => {
          const { status, body } = await replica.request('GET', '/readyz');
          return `${status} ${body.code ?? body.status}`;
        }),
      );
    const [, ...others] = servers.values();
    for (const server of others) await server.kill();
    await eventually(async () => (await states()).every((state) => state === '503 log_unavailable'));
    for (const server of others) await server.run();
    await eventually(async () => (await states()).every((state) => state === '200 ready'));
  });
});
