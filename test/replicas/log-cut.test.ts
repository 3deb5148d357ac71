import { NumberedMachine } from '../support/replicas/numbered-machine.js';
import type { NumberedModule } from '../support/replicas/numbered-module.js';
import { NumberedSends } from '../support/replicas/numbered-sends.js';
import { isWithin, Operator } from '../support/replicas/operator.js';
import type { PacketStream } from '../support/replicas/packet-stream.js';
import type { ReplicaProcess } from '../support/replicas/replica-process.js';
import { describeWithReplicas } from '../support/replicas/replica-set.js';
import { startThreeReplicas } from '../support/replicas/three-replicas.js';
import { eventually } from '../support/service/eventually.js';

jest.setTimeout(120_000);

describeWithReplicas('three replicas of which one is cut off from NATS', () => {
  const three = startThreeReplicas({ cables: true });

  const readiness = async (replica: ReplicaProcess) => (await replica.request('GET', '/readyz')).body.status;
  const listed = async (at: ReplicaProcess) =>
    (await at.request('GET', '/replicas')).body.replicas.map(({ name }: { name: string }) => name) as string[];

  /** It reads from memory and refuses writes. */
  async function expectCutOff(replica: ReplicaProcess, path: string): Promise<void> {
    await eventually(async () => (await readiness(replica)) === 'log_unavailable');
    const read = await replica.request('GET', path);
    expect([read.status, Number(read.headers.get('age'))]).toEqual([200, expect.any(Number)]);
    const refused = await replica.request('PUT', path, { description: 'lost' });
    expect([refused.status, refused.body.code]).toEqual([503, 'log_unavailable']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  }

  async function joinAgain(replica: ReplicaProcess): Promise<void> {
    await three.set.cableOf(replica).cut();
    await three.set.cableOf(replica).join();
    await eventually(async () => (await readiness(replica)) === 'ready');
  }

  /** Both modules have everything that was sent, once and in order, and nobody has lost a registration. */
  async function expectAll(stream: PacketStream, ...registered: readonly NumberedModule[]): Promise<void> {
    await stream.end();
    for (const module of registered) {
      await module.until(stream.sent);
      expect([module.numbers.length, module.missing, module.faults]).toEqual([stream.sent, [], []]);
    }
    for (const replica of three.set.all) {
      await eventually(async () => {
        const rows: { number: number; connected: boolean }[] = (await replica.request('GET', '/modules')).body.modules;
        const connected = new Set(rows.filter((row) => row.connected).map(({ number }) => number));
        return registered.every(({ registered: { number } }) => connected.has(number));
      });
    }
  }

  it('go on without it; its senders wait, its modules keep their registrations, and all get everything once', async () => {
    const { set, leader, first, second } = three;
    const path = '/clusters/90/machines/2';
    await set.provision(leader, 90, 2, 'bin:127.0.156.2:5555');
    const there = await three.register(first, 90);
    const elsewhere = await three.register(second, 91);
    const options = { localAddress: '127.0.156.2', packetsPerSecond: 1_500, payloadBytes: 4_000 };
    const stream = await three.streamTo(first, options);
    await there.until(500);
    await set.cableOf(first).freeze();
    await expectCutOff(first, path);
    await eventually(() => stream.isBlocked);
    stream.pause();
    for (const replica of [second, leader]) {
      const written = await replica.request('PUT', path, { description: replica.name });
      expect([written.status, written.body.description]).toEqual([200, replica.name]);
    }
    // The others take it for dead, and release what it holds.
    await eventually(async () => !(await listed(leader)).includes(first.name));
    await eventually(async () => (await second.request('GET', '/modules')).body.modules.length === 2);
    await joinAgain(first);
    await expectAll(stream, there, elsewhere);
    expect((await first.request('GET', path)).body.description).toBe(leader.name);
  });

  it('have another leader if it led; nothing is done twice, and nothing is lost', async () => {
    const { set, leader, first, second } = three;
    const machine = await NumberedMachine.start('127.0.156.3');
    const path = '/clusters/92/machines/2';
    await set.provision(first, 92, 2, machine.url);
    // It refuses connections, and is never disabled.
    await set.provision(first, 92, 3, 'bin:127.0.156.4:1', { failed_attempts: 0 });
    const operator = new Operator(set, 93).start();
    const sends = new NumberedSends(set, 92, 2, 3).start();
    const there = await three.register(leader, 92);
    const elsewhere = await three.register(second, 94);
    const stream = await three.streamTo(first, { localAddress: '127.0.156.5', packetsPerSecond: 1_000 });
    await there.until(500);
    await sends.untilMore();
    await set.cableOf(leader).freeze();
    await expectCutOff(leader, path);
    await set.leader([first, second]);
    expect((await leader.request('GET', '/leaderz')).status).toBe(503);
    await sends.untilMore();
    await joinAgain(leader);
    await sends.untilMore();
    await operator.end();
    await sends.end();
    await expectAll(stream, there, elsewhere);
    await operator.untilInForce();
    await eventually(() => isWithin(sends.sent, machine.numbers));
    expect(new Set(machine.numbers).size).toBe(machine.numbers.length);
    expect(isWithin(machine.numbers, [...sends.sent, ...sends.unknown])).toBe(true);
    // Only the leader keeps a connection.
    await eventually(() => machine.connections <= 1);
    const tries = await Promise.all(
      set.all.map(async (replica) => Number((await replica.request('GET', '/clusters/92/machines/3')).body.no_tries)),
    );
    expect(Math.max(...tries)).toBeLessThanOrEqual(sends.attempts);
    machine.stop();
  });

  // The last test: this replica stays away.
  it('stop in order when they are told to', async () => {
    const { set, first } = three;
    await set.cableOf(first).freeze();
    await eventually(async () => (await readiness(first)) === 'log_unavailable');
    expect(await first.end('SIGTERM')).toBe(0);
  });
});
