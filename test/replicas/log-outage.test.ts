import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EventStream } from '../support/peers/event-stream.js';
import { closeReceiversAfterEach, WebhookReceiver } from '../support/peers/webhook-receiver.js';
import { NumberedModule } from '../support/replicas/numbered-module.js';
import { PacketStream } from '../support/replicas/packet-stream.js';
import type { ReplicaProcess } from '../support/replicas/replica-process.js';
import { describeWithReplicas, ReplicaSet } from '../support/replicas/replica-set.js';
import { eventually } from '../support/service/eventually.js';

jest.setTimeout(120_000);
closeReceiversAfterEach();

/** Grace periods, silences, disabled periods and the drain of this test end after so many seconds. */
const SECONDS = 8;

/** Longer than all of these, the lease (3 s), the silence of a replica (6 s), and the age of its entry in NATS (8 s). */
const OUTAGE_MS = 12_000;

describeWithReplicas('two replicas whose NATS server is away longer than any time-out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clusterer-outage-'));
  let set: ReplicaSet;
  let receiver: WebhookReceiver;

  beforeAll(async () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, `whsec_${Buffer.alloc(32, 7).toString('base64')}\n`);
    receiver = await WebhookReceiver.open();
    const environment = {
      CLUSTERER_REPLAY_SECONDS: String(SECONDS),
      CLUSTERER_PERSISTENT_MODE: '1',
      CLUSTERER_WEBHOOKS: `pager ${receiver.url} secret=${secret} events=node_state`,
    };
    set = await ReplicaSet.start({ replicas: 2, environment });
  });
  afterAll(async () => {
    await set?.stop();
    rmSync(folder, { recursive: true });
  });

  it("go on as if it had not been: nothing happens twice, and the time of the outage is nobody's silence", async () => {
    const [a, b] = set.all as [ReplicaProcess, ReplicaProcess];
    for (const [clusterId, machineId, more] of [
      [110, 2, {}],
      [112, 3, { failed_attempts: 1, duration: SECONDS }],
      [112, 4, {}],
    ] as const) {
      await set.provision(a, clusterId, machineId, `bin:127.0.158.${machineId}:1`, more);
    }
    const events = await EventStream.open(`${a.url}/events`);
    const carried = await NumberedModule.register(a, 110, SECONDS);
    const left = await NumberedModule.register(b, 111);
    const stream = new PacketStream({ localAddress: '127.0.158.2', packetsPerSecond: 1_000, payloadBytes: 2_000 });
    await stream.connect(b);
    await carried.until(500);
    await left.until(500);
    const until = new Date(Date.now() + SECONDS * 1_000).toISOString();
    await a.request('PUT', '/clusters/112/machines/4/status', { status: 'down', reason: 'kernel', until });
    await a.request('PUT', '/clusters/112/machines/3/state', { state: 2, protocol: 'bin' });
    await eventually(() => receiver.requests.all.length === 2);
    await left.cut();
    await set.nats.kill();
    await delay(OUTAGE_MS);
    await set.nats.run();

    await set.leader();
    expect(await left.resumeAt(a)).toMatchObject({ resumed: true, missed: expect.any(Number) });
    await stream.end();
    for (const module of [carried, left]) {
      await module.until(stream.sent);
      expect([module.numbers.length, module.missing, module.faults]).toEqual([stream.sent, [], []]);
    }
    for (const replica of set.all) {
      const states = async () => {
        const { nodes } = (await replica.request('GET', '/nodes')).body;
        return (nodes as { state: string }[]).map(({ state }) => state);
      };
      // A machine whose duration has passed is up when somebody asks for the machines to send to.
      await replica.request('GET', '/clusters/112/nodes?protocol=bin');
      await eventually(async () => (await states()).join() === 'up,up,up');
      const modules = async () => {
        const rows = (await replica.request('GET', '/modules')).body.modules;
        return (rows as { connected: boolean; dropped: number }[]).map(({ connected, dropped }) => [
          connected,
          dropped,
        ]);
      };
      await eventually(async () => (await modules()).every(([connected]) => connected));
      expect(await modules()).toEqual([
        [true, 0],
        [true, 0],
      ]);
    }
    const changes = (kind: string) =>
      events.events.filter(({ event }) => event === kind).map(({ data }) => `${data.machine?.machine_id} ${data.to}`);
    await eventually(() => changes('node_state').length >= 4);
    expect(changes('reception')).toEqual([]);
    const expected = ['3 temp_disabled', '3 up', '4 down', '4 up'];
    expect(changes('node_state').sort()).toEqual(expected);
    // What happens between two leaders is not told, and a busy machine may have more than one.
    const told = receiver.requests.all.map(({ body: { data } }) => `${data.machine.machine_id} ${data.to}`);
    expect(told.slice(0, 2).sort()).toEqual(['3 temp_disabled', '4 down']);
    expect(told.slice(2).sort()).toEqual(expected.filter((one) => told.slice(2).includes(one)));
    await eventually(async () => (await set.database.run('SELECT 1 FROM clusterer WHERE state = 1')).length === 3);
    events.close();
    stream.discard();
    await carried.cut();
    await left.cut();
  });
});
