import type { Socket } from 'node:net';
import { fullPort, startPeer } from '../integration/bin-peers.js';
import type { NumberedModule } from '../support/replicas/numbered-module.js';
import { isWithin, Operator } from '../support/replicas/operator.js';
import type { ReplicaProcess } from '../support/replicas/replica-process.js';
import { describeWithReplicas } from '../support/replicas/replica-set.js';
import { connectsTo } from '../support/replicas/sockets.js';
import { startThreeReplicas } from '../support/replicas/three-replicas.js';
import { eventually } from '../support/service/eventually.js';

jest.setTimeout(120_000);

/** A new leader takes over within this time; the tests' machine may be busy. */
const TAKEOVER_MS = 5_000;

const PACKETS_PER_SECOND = 20_000;
const EACH = { module: 'ul', packet_type: 3 };

describeWithReplicas('three replicas of which one', () => {
  const three = startThreeReplicas({
    environment: {
      CLUSTERER_PERSISTENT_MODE: '1',
      CLUSTERER_SYNC_INTERVAL_MS: '100',
      CLUSTERER_BIN_CONNECT_TIMEOUT_MS: '20000',
    },
  });
  afterEach(async () => {
    for (const replica of three.set.all) if (!replica.isRunning) await replica.start();
  });

  const streamTo = (replica: ReplicaProcess, packetsPerSecond = PACKETS_PER_SECOND) =>
    three.streamTo(replica, { localAddress: '127.0.152.2', packetsPerSecond });
  const inDatabase = (sql: string) => three.set.database.run(`SELECT machine_id FROM clusterer WHERE ${sql}`);

  /** Every call that succeeded is in force, at every replica and in the table. */
  async function expectInForce(clusterId: number, operator: Operator): Promise<void> {
    await operator.untilInForce();
    const { created, down } = operator;
    const ids = async (more: string) => (await inDatabase(`cluster_id = ${clusterId}${more}`)).flat().map(Number);
    expect(isWithin(created, await ids(''))).toBe(true);
    await eventually(async () => isWithin(down, await ids(' AND state = 0')));
  }

  it('is killed lose no packet that another one takes, and nothing that an operator did', async () => {
    const { set, leader, first, second } = three;
    const operator = new Operator(set, 60).start();
    const module = await three.register(first, 60);
    const other = await three.register(second, 61);
    const stream = await streamTo(second);
    await module.until(5_000);
    await eventually(() => operator.created.length > 0);
    await first.end();
    await module.resumeAt(leader);
    const seen = stream.sent;
    await module.until(seen + 5_000);
    const killed = performance.now();
    await leader.end();
    const next = await set.leader();
    const takeover = performance.now() - killed;
    await module.resumeAt(second);
    await module.until(stream.sent + 5_000);
    const succeeded = operator.created.length;
    await eventually(() => operator.created.length > succeeded);
    await operator.end();
    await stream.end();
    await module.until(stream.sent);
    await other.until(stream.sent);
    for (const { numbers, missing, faults } of [module, other]) {
      expect([numbers.length, missing, faults]).toEqual([stream.sent, [], []]);
    }
    expect(next).toBe(second);
    expect(takeover).toBeLessThan(TAKEOVER_MS);
    await expectInForce(60, operator);
  });

  it('is killed loses at most what its sockets held, and the list forgets it', async () => {
    const { leader, first, second } = three;
    const module = await three.register(leader, 62);
    const stream = await streamTo(first);
    await module.until(5_000);
    await first.end();
    const lastSent = stream.sent;
    await stream.connect(second);
    await module.until(stream.sent + 5_000);
    await stream.end();
    await module.until(stream.sent);
    expect(module.faults).toEqual([]);
    // What it had not appended yet is the end of that connection.
    const { missing } = module;
    expect(missing.length).toBeLessThanOrEqual(1);
    for (const [, last] of missing) expect(last).toBe(lastSent);
    const listed = async () => (await second.request('GET', '/replicas')).body.replicas.length;
    const killed = performance.now();
    await eventually(async () => (await listed()) === 2);
    expect(performance.now() - killed).toBeLessThan(15_000);
  });

  it('leads and is killed during a send answer leader_changed, and then that nobody leads', async () => {
    const { set, leader, first, second } = three;
    const full = await fullPort();
    await set.provision(first, 63, 2, `bin:127.0.0.1:${full.port}`);
    const sending = first.request('POST', '/clusters/63/packets', EACH);
    await eventually(() => connectsTo(full.port));
    await leader.end();
    const nobody = await second.request('POST', '/clusters/63/packets', EACH);
    expect([nobody.status, nobody.body.code]).toEqual([503, 'no_leader']);
    expect(Number(nobody.headers.get('retry-after'))).toBeGreaterThan(0);
    const { status, body } = await sending;
    expect([status, body.results]).toEqual([200, [{ machine_id: 2, sent: false, error: 'leader_changed' }]]);
    const next = await set.leader();
    expect((await next.request('GET', '/clusters/63/machines/2')).body).toMatchObject({ state: 'up', no_tries: 0 });
    await full.release();
  });

  it('leads and is frozen sends and writes nothing when it wakes', async () => {
    const { set, leader, first, second } = three;
    const sockets: Socket[] = [];
    const bytes: number[] = [];
    const { server, port } = await startPeer('127.0.152.3', (socket) => {
      const index = sockets.push(socket) - 1;
      bytes[index] = 0;
      socket.on('data', (data) => {
        bytes[index] = (bytes[index] ?? 0) + data.length;
      });
    });
    await set.provision(first, 64, 2, `bin:127.0.152.3:${port}`);
    await set.provision(first, 64, 3, 'bin:127.0.152.4:1', { failed_attempts: 1 });
    const send = (replica: ReplicaProcess) => replica.request('POST', '/clusters/64/packets', EACH);
    await send(first);
    await eventually(() => (bytes[0] ?? 0) > 0);
    // The machine that refuses counts a failed attempt, which is a row to write.
    await set.leader();
    leader.freeze();
    const waiting = Array.from({ length: 20 }, () => send(first));
    const path = '/clusters/64/machines/2';
    const stale = first.request('PUT', path, { description: 'stale' });
    const next = await set.leader([first, second]);
    expect((await stale).body.code).toBe('leader_changed');
    expect((await next.request('PUT', path, { description: 'newer' })).status).toBe(200);
    const rows = (await Promise.all(waiting)).flatMap(({ body }) => body.results ?? [{ error: body.code }]);
    const errors = new Set(rows.map(({ error }: { error?: string }) => error));
    expect([...errors].every((error) => error === 'leader_changed' || error === 'no_leader')).toBe(true);
    const status = await next.request('PUT', '/clusters/64/machines/3/status', { status: 'down' });
    expect(status.body.state).toBe('down');
    await eventually(async () => (await inDatabase('cluster_id = 64 AND machine_id = 3 AND state = 0')).length === 1);
    const [before, connections] = [bytes[0], sockets.length];
    // Later than any time-out: the lease, acknowledgements, and the age of its entry in the list of replicas.
    const listed = async () => (await next.request('GET', '/replicas')).body.replicas.length;
    await eventually(async () => (await listed()) === 2);
    leader.thaw();
    // On a busy machine the new leader may be followed by another one: a client repeats what is 503.
    let written = await send(second);
    while (written.status === 503) written = await send(second);
    expect(written.body.results).toEqual([{ machine_id: 2, sent: true }]);
    const minSeq = { 'min-seq': written.headers.get('x-clusterer-seq') ?? '' };
    await eventually(async () => (await leader.request('GET', '/id', undefined, minSeq)).status === 200);
    expect((await leader.request('GET', '/leaderz')).status).toBe(503);
    await eventually(() => sockets[0]?.closed === true);
    expect([bytes[0], sockets.length]).toEqual([before, connections + 1]);
    expect((await inDatabase('cluster_id = 64 AND machine_id = 3 AND state = 0')).length).toBe(1);
    expect((await inDatabase("cluster_id = 64 AND description = 'newer'")).length).toBe(1);
    for (const replica of set.all) expect((await replica.request('GET', path)).body.description).toBe('newer');
    server.close();
    for (const socket of sockets) socket.destroy();
  });

  it('after the other is restarted lose nothing but what waited in the sockets of one that stops', async () => {
    const { set, leader, first, second } = three;
    const operator = new Operator(set, 65).start();
    const places = new Map<NumberedModule, ReplicaProcess>();
    places.set(await three.register(leader, 65), leader);
    places.set(await three.register(first, 66), first);
    let peer = second;
    const stream = await streamTo(peer, 2_000);
    /** The last packets that were written to a replica that stopped. */
    const lasts: number[] = [];
    for (const replica of [leader, first, second]) {
      const next = set.running.find((one) => one !== replica) ?? second;
      for (const [module, place] of places) {
        await module.until(stream.sent);
        if (place !== replica) continue;
        await module.resumeAt(next);
        places.set(module, next);
      }
      expect(await replica.end('SIGTERM')).toBe(0);
      if (peer === replica) {
        lasts.push(stream.sent);
        peer = next;
        await stream.connect(peer);
      }
      await replica.start();
    }
    await operator.end();
    await stream.end();
    for (const module of places.keys()) {
      await module.until(stream.sent);
      expect(module.faults).toEqual([]);
      expect(
        isWithin(
          module.missing.map(([, last]) => last),
          lasts,
        ),
      ).toBe(true);
    }
    await expectInForce(65, operator);
  });
});
