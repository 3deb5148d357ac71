import { NatsServer } from '../support/nats/nats-server.js';
import { NumberedModule } from '../support/replicas/numbered-module.js';
import { PacketStream } from '../support/replicas/packet-stream.js';
import { describeWithReplicas, ReplicaSet } from '../support/replicas/replica-set.js';
import { eventually } from '../support/service/eventually.js';
import { freePort } from '../support/service/free-port.js';
import { ServiceProcess } from '../support/service/service-process.js';

jest.setTimeout(120_000);

describeWithReplicas('a replica is refused at its start', () => {
  let set: ReplicaSet;

  beforeAll(async () => {
    set = await ReplicaSet.start({ replicas: 1 });
  });
  afterAll(() => set?.stop());

  async function refusal(more: Record<string, string>): Promise<string> {
    const service = new ServiceProcess({ ...set.environment, ...more });
    const code = await service.exited;
    await service.discard();
    expect(code).toBe(1);
    return service.stderr;
  }

  it.each([
    ['CLUSTERER_SERVER_ID', '7'],
    ['CLUSTERER_DB_TABLE', 'other'],
    ['CLUSTERER_PERSISTENT_MODE', '1'],
  ])('if its %s is not that of the others', async (variable, value) => {
    expect(await refusal({ [variable]: value })).toContain(`${variable} is ${value}, but the other replicas have `);
  });

  it('if its database is a SQLite file', async () => {
    expect(await refusal({ CLUSTERER_DB_URL: 'file:./data/clusterer.db' })).toContain(
      'CLUSTERER_DB_URL is a SQLite file, which replicas cannot share',
    );
  });

  it('if it cannot reach NATS', async () => {
    const url = `127.0.0.1:${await freePort()}`;
    expect(await refusal({ CLUSTERER_NATS_URL: url })).toContain('CLUSTERER_NATS_URL: no NATS server was reached');
  });

  it('if NATS has too few servers for the copies of the log', async () => {
    const nats = await NatsServer.start();
    const more = { CLUSTERER_NATS_URL: nats.url, CLUSTERER_NATS_REPLICAS: '3' };
    expect(await refusal(more)).toContain('CLUSTERER_NATS_REPLICAS: NATS cannot keep 3 replicas of the log');
    await nats.stop();
  });

  it('if a replica that runs has its name', async () => {
    expect(await refusal({ CLUSTERER_REPLICA: 'a' })).toContain('CLUSTERER_REPLICA: another replica that runs');
  });
});

describeWithReplicas('two replicas that are all restarted', () => {
  let set: ReplicaSet;

  beforeAll(async () => {
    set = await ReplicaSet.start({ replicas: 2, environment: { CLUSTERER_REPLAY_SECONDS: '20' } });
  });
  afterAll(() => set?.stop());

  it.each(['SIGTERM', 'SIGKILL'] as const)('by %s continue with the same epoch, numbers and seqs', async (signal) => {
    const [a, b] = set.all;
    if (a === undefined || b === undefined) throw new Error('there are two replicas');
    const module = await NumberedModule.register(a, 40);
    const abandoned = await NumberedModule.register(b, 41);
    const stream = new PacketStream({ localAddress: '127.0.151.2', packetsPerSecond: 1_000 });
    await stream.connect(b);
    await module.until(100);
    await stream.end();
    await module.until(stream.sent);
    await Promise.all(set.all.map((replica) => replica.end(signal)));
    await Promise.all(set.all.map((replica) => replica.start()));
    await set.leader();
    const { registration, number, epoch } = module.registered;
    expect(await module.resumeAt(b)).toMatchObject({ registration, number, epoch, resumed: true, missed: 0 });
    await stream.connect(a);
    await module.until(stream.sent + 10);
    await stream.end();
    expect([module.missing, module.faults]).toEqual([[], []]);
    stream.discard();
    // Nobody has come back for this one: its socket is gone, and its grace period ends.
    await eventually(async () => {
      const { modules } = (await a.request('GET', '/modules')).body;
      const rows = modules as { number: number; connected: boolean }[];
      return !rows.some((row) => row.number === abandoned.registered.number && row.connected);
    });
    await module.cut();
  });
});
