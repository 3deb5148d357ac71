import type { Server, Socket } from 'node:net';
import { Recorded, startPeer } from '../integration/bin-peers.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { EventStream } from '../support/peers/event-stream.js';
import { sendToFrame } from '../support/peers/packet-frame.js';
import type { SocketClient } from '../support/peers/socket-client.js';
import type { ReplicaProcess } from '../support/replicas/replica-process.js';
import { describeWithReplicas, ReplicaSet } from '../support/replicas/replica-set.js';
import { eventually } from '../support/service/eventually.js';

jest.setTimeout(60_000);
disconnectPeersAfterEach();

const UL = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false };

/** No log has that many entries. */
const FAR = '999999999';

const seqOf = ({ headers }: { headers: Headers }) => headers.get('x-clusterer-seq') ?? '';

describeWithReplicas('three replicas', () => {
  let set: ReplicaSet;
  let leader: ReplicaProcess;
  let first: ReplicaProcess;
  let second: ReplicaProcess;
  const machines: { server: Server; sockets: Socket[] }[] = [];
  const streams: EventStream[] = [];

  beforeAll(async () => {
    set = await ReplicaSet.start({ environment: { CLUSTERER_SERVER_ID: '9' } });
  });
  beforeEach(async () => {
    leader = await set.leader();
    [first, second] = await set.followers();
  });
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.close();
    for (const { server, sockets } of machines.splice(0)) {
      server.close();
      for (const socket of sockets) socket.destroy();
    }
  });
  afterAll(() => set?.stop());

  /** A cluster that this service is a member of. */
  const join = (clusterId: number) => set.provision(first, clusterId, 9, 'bin:127.0.0.1:5555');

  /** A machine that records what it receives. */
  async function startMachine(host: string) {
    const received = new Recorded<string>();
    const sockets: Socket[] = [];
    const { server, port } = await startPeer(host, (socket) => {
      sockets.push(socket);
      socket.on('data', (bytes) => received.add(bytes.toString('hex')));
    });
    machines.push({ server, sockets });
    return { url: `bin:${host}:${port}`, received, sockets };
  }

  it('show what one of them answered, everywhere, from its x-clusterer-seq on', async () => {
    await join(1);
    const path = '/clusters/1/machines/2';
    const created = await set.provision(first, 1, 2, 'bin:127.0.150.2:5555');
    expect((await first.request('GET', path)).body).toEqual(created.body);
    for (const replica of set.all) {
      const read = await replica.request('GET', path, undefined, { 'min-seq': seqOf(created) });
      expect([read.status, read.body]).toEqual([200, created.body]);
    }
    for (const [replica, description] of [
      [leader, 'one'],
      [second, 'two'],
    ] as const) {
      const written = await replica.request('PUT', path, { description });
      expect((await replica.request('GET', path)).body.description).toBe(description);
      const read = await first.request('GET', path, undefined, { 'min-seq': seqOf(written) });
      expect(read.body.description).toBe(description);
    }
    const call = { jsonrpc: '2.0', id: 1, method: 'clusterer_set_status', params: ['1', '2', '0'] };
    const mi = await second.request('POST', '/mi', call);
    expect(mi.body.result).toBe('OK');
    const read = await first.request('GET', path, undefined, { 'min-seq': seqOf(mi) });
    expect(read.body.state).toBe('down');
    expect((await second.request('DELETE', path)).status).toBe(204);
    expect((await second.request('GET', path)).status).toBe(404);
  });

  it('refuse a min-seq that is no number, and wait a second for one that has not come', async () => {
    const read = (minSeq: string) => first.request('GET', '/nodes', undefined, { 'min-seq': minSeq });
    expect((await read('x')).body).toMatchObject({ code: 'invalid_input', errors: [{ pointer: '/min-seq' }] });
    const before = performance.now();
    const behind = await read(FAR);
    expect([behind.status, behind.body.code]).toEqual([503, 'replica_behind']);
    expect(performance.now() - before).toBeGreaterThan(990);
  });

  it('list each other and name one leader, and only that one says so for a load balancer', async () => {
    const row = (name: string) => ({ name, leader: name === leader.name, applied_seq: expect.any(Number) });
    for (const replica of set.all) {
      // The others write their status every 2 s.
      await eventually(async () => (await replica.request('GET', '/replicas')).body.replicas.length === 3);
      const { body } = await replica.request('GET', '/replicas');
      expect(body.replicas).toMatchObject(['a', 'b', 'c'].map(row));
      const { status, body: answer } = await replica.request('GET', '/leaderz');
      expect([status, answer.leader]).toEqual(replica === leader ? [200, true] : [503, false]);
    }
  });

  it('have the same registrations, whichever replica carries them', async () => {
    const clients = await Promise.all(set.all.map((replica) => replica.socket()));
    const registered = await Promise.all(
      clients.map((client) => client.call('register_module', { ...UL, cluster_id: 30 })),
    );
    expect(new Set(registered.map(({ epoch }) => epoch)).size).toBe(1);
    expect(new Set(registered.map(({ number }) => number)).size).toBe(3);
    const modules = async (replica: ReplicaProcess) => {
      const rows = (await replica.request('GET', '/modules')).body.modules;
      return rows.filter(({ cluster_id }: { cluster_id: number }) => cluster_id === 30);
    };
    await eventually(async () => (await Promise.all(set.all.map(modules))).every(({ length }) => length === 3));
    const [one, two, three] = await Promise.all(set.all.map(modules));
    expect(one.map(({ connected }: { connected: boolean }) => connected)).toEqual([true, true, true]);
    expect([two, three]).toEqual([one, one]);
    clients[0]?.socket.terminate();
    const connected = async (replica: ReplicaProcess) =>
      (await modules(replica)).filter((row: { connected: boolean }) => row.connected).length;
    await eventually(async () => (await Promise.all(set.all.map(connected))).every((count) => count === 2));
  });

  it('resume a registration at another replica with every seq once, in order', async () => {
    const holder = await first.socket();
    const ul = await holder.call('register_module', { ...UL, cluster_id: 31 });
    const peer = await connectPeer(second, '127.0.150.2');
    const send = (count: number) => peer.write(Buffer.concat(Array.from({ length: count }, () => packetBytes())));
    send(5);
    await holder.until(() => holder.received(ul).length === 5);
    holder.socket.terminate();
    send(5);
    const { registration, epoch } = ul;
    const next = await leader.socket();
    const resumed = await next.call('register_module', {
      ...UL,
      cluster_id: 31,
      resume: { registration, epoch, seq: 3 },
    });
    expect(resumed).toMatchObject({ resumed: true, registration, number: ul.number, seq: 3 });
    send(1);
    await next.until(() => next.received(ul).length === 8);
    expect(next.received(ul)).toEqual([4, 5, 6, 7, 8, 9, 10, 11].map((seq) => ['packet', seq]));
    // A third socket takes it over; the second is told so.
    const third = await second.socket();
    await third.call('register_module', { ...UL, cluster_id: 31, resume: { registration, epoch, seq: 11 } });
    await expect(next.closed).resolves.toMatchObject({ code: 4001 });
  });

  it('send only from the leader, whichever replica was asked, over REST and WebSocket', async () => {
    await join(2);
    const machine = await startMachine('127.0.150.3');
    await set.provision(second, 2, 3, machine.url);
    const body = { module: 'ul', packet_type: 3, payload: 'aGVsbG8=' };
    const sent = { results: [{ machine_id: 3, sent: true }] };
    for (const replica of set.all) {
      expect((await replica.request('POST', '/clusters/2/packets', body)).body).toEqual(sent);
      const client = await replica.socket();
      expect(await client.call('send_to', { cluster_id: 2, ...body })).toEqual(sent);
      const binary = await replica.socket(['clusterer.v1.bin']);
      binary.socket.send(sendToFrame(7, 2, packetBytes({ payload: 'hello' })));
      expect(await binary.until(({ frames }) => frames.find(isAnswerOf(7)))).toMatchObject({ result: sent });
    }
    const packet = packetBytes({ machineId: 9, payload: 'hello' }).toString('hex');
    await eventually(() => machine.received.items.join('').length >= 9 * packet.length);
    expect(machine.received.items.join('')).toBe(packet.repeat(9));
    expect(machine.sockets).toHaveLength(1);
  });

  it('count a failed attempt once, at any of them', async () => {
    await join(3);
    const { server, port } = await startPeer('127.0.150.4', () => {});
    await new Promise((closed) => server.close(closed));
    const url = `bin:127.0.150.4:${port}`;
    await set.provision(first, 3, 4, url, { failed_attempts: 3 });
    for (const replica of [first, leader]) {
      const answer = await replica.request('POST', '/clusters/3/packets', { module: 'ul', packet_type: 3 });
      expect(answer.body.results).toEqual([{ machine_id: 4, sent: false, error: 'refused' }]);
    }
    for (const replica of set.all) {
      const tries = async () => (await replica.request('GET', '/clusters/3/machines/4')).body.no_tries;
      await eventually(async () => (await tries()) === 2);
    }
    const third = await second.request('PUT', '/clusters/3/machines/4/state', { state: 2, protocol: 'bin' });
    expect(third.body).toMatchObject({ state: 'temp_disabled', no_tries: 3 });
  });

  it('hold a call to its If-Match, with the current machine in the answer, at any of them', async () => {
    await join(4);
    const path = '/clusters/4/machines/2';
    const { body: machine } = await set.provision(first, 4, 2, 'bin:127.0.150.2:5555');
    const etag = (await second.request('GET', path)).headers.get('etag') ?? '';
    for (const replica of set.all) {
      const wrong = await replica.request('PUT', path, { description: 'x' }, { 'if-match': '"other"' });
      expect([wrong.status, wrong.body]).toMatchObject([412, { code: 'precondition_failed', machine }]);
    }
    const right = await second.request('PUT', path, { description: 'y' }, { 'if-match': etag });
    expect([right.status, right.body.description]).toEqual([200, 'y']);
  });

  it('tell watchers and event streams of a change at every one of them', async () => {
    await join(5);
    await set.provision(first, 5, 2, 'bin:127.0.150.2:5555');
    const watchers: SocketClient[] = [];
    for (const replica of set.all) {
      await eventually(async () => (await replica.request('GET', '/clusters/5/machines/2')).status === 200);
      const watcher = await replica.socket();
      await watcher.call('watch', { cluster_id: 5 });
      watchers.push(watcher);
      streams.push(await EventStream.open(`${replica.url}/events?cluster_id=5`));
    }
    await second.request('PUT', '/clusters/5/machines/2/status', { status: 'down' });
    const change = { from: 'up', to: 'down', cause: 'operator', machine: { machine_id: 2, state: 'down' } };
    for (const watcher of watchers) expect((await watcher.first('node_state'))[0]).toMatchObject(change);
    for (const stream of streams) {
      const [snapshot, event] = await stream.first(2);
      expect([snapshot?.event, event?.event]).toEqual(['snapshot', 'node_state']);
      expect(event?.data).toMatchObject(change);
    }
  });

  it('reload the table at any of them, for all', async () => {
    await join(6);
    await set.database.run("INSERT INTO clusterer (cluster_id, machine_id, url) VALUES (6, 2, 'bin:127.0.150.2:5555')");
    const reloaded = await first.request('POST', '/reload');
    expect(reloaded.body).toMatchObject({ added: 1, removed: 0, skipped: [] });
    for (const replica of set.all) {
      const read = await replica.request('GET', '/clusters/6/machines/2', undefined, { 'min-seq': seqOf(reloaded) });
      expect(read.body.url).toBe('bin:127.0.150.2:5555');
    }
  });
});

function isAnswerOf(id: number): (frame: unknown) => boolean {
  return (frame) => (frame as { id?: number }).id === id;
}
