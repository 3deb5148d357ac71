import type { KV } from '@nats-io/kv';
import type { Clock } from '../../../src/ground/ports.js';
import { openBucket } from '../../../src/nats/bucket.js';
import { checkIdentity } from '../../../src/nats/identity.js';
import { REPLICA_AGE_MS, ReplicaList } from '../../../src/nats/replica-list.js';
import { ReplicaRequests } from '../../../src/nats/requests.js';
import { systemClock } from '../../../src/process/system-clock.js';
import { closeConnections, connectTo, silentLog, until } from '../../support/nats/connect.js';
import { describeWithNats, NatsServer } from '../../support/nats/nats-server.js';

jest.setTimeout(60_000);

describeWithNats('the replicas of a log', () => {
  let server: NatsServer;
  const lists: ReplicaList[] = [];

  beforeAll(async () => {
    server = await NatsServer.start();
  });
  afterEach(async () => {
    for (const list of lists.splice(0)) await list.stop();
    await closeConnections();
  });
  afterAll(() => server.stop());

  async function bucketOf(name: string, maxAgeMs: number): Promise<KV> {
    return openBucket((await connectTo(server)).nats, { name, maxAgeMs, replicas: 1 });
  }

  /** Its `applied_seq` is the number of times that it has told its status. */
  async function replica(bucket: KV, name: string, lagMs = 0, clock: Clock = systemClock): Promise<ReplicaList> {
    let told = 0;
    const status = () => ({ name, applied_seq: ++told, lag_ms: lagMs, since: '2026-01-01T00:00:00.000Z' });
    const list = new ReplicaList(bucket, name, status, clock, silentLog);
    await list.start();
    lists.push(list);
    return list;
  }

  function names(list: ReplicaList): string {
    return list
      .list()
      .map(({ name }) => name)
      .join(' ');
  }

  it('see each other, with their status', async () => {
    const one = await replica(await bucketOf('list_1', REPLICA_AGE_MS), 'one', 12);
    const two = await replica(await bucketOf('list_1', REPLICA_AGE_MS), 'two.example', 34);
    await until(() => names(one) === 'one two.example' && names(two) === 'one two.example');
    expect(two.list()[0]).toEqual({
      name: 'one',
      applied_seq: expect.any(Number),
      lag_ms: 12,
      since: '2026-01-01T00:00:00.000Z',
    });
    await one.stop();
    await until(() => names(two) === 'two.example');
  });

  it('leave the list within 15 s after they were killed', async () => {
    const bucket = await bucketOf('list_2', REPLICA_AGE_MS);
    const two = await replica(bucket, 'two');
    const before = performance.now();
    await bucket.create('dead', JSON.stringify({ name: 'dead', applied_seq: 1, lag_ms: 0, since: '', id: 'x' }));
    await until(() => names(two) === 'dead two');
    await until(() => names(two) === 'two');
    expect(performance.now() - before).toBeLessThan(15_000);
  });

  it('are refused with a name that a live one has, and take that of a dead one', async () => {
    const bucket = await bucketOf('list_3', REPLICA_AGE_MS);
    await replica(bucket, 'one');
    const dead = { name: 'two', applied_seq: 1, lag_ms: 0, since: '', id: 'x' };
    await bucket.create('two', JSON.stringify(dead));
    const [again, two] = await Promise.allSettled([replica(bucket, 'one'), replica(bucket, 'two')]);
    expect(two.status).toBe('fulfilled');
    const fault = 'CLUSTERER_REPLICA: another replica that runs has the name "one".';
    expect(again).toMatchObject({ status: 'rejected', reason: { message: fault } });
  });

  it('stay in the list while NATS is away and when it is back, since their silence says nothing then', async () => {
    let aheadMs = 0;
    const { unixMs } = systemClock.now();
    const clock: Clock = {
      now: () => ({ monotonicMs: systemClock.now().monotonicMs + aheadMs, unixMs }),
      after: (ms, act) => systemClock.after(ms, act),
    };
    const one = await replica(await bucketOf('list_4', REPLICA_AGE_MS), 'one', 0, clock);
    const two = await replica(await bucketOf('list_4', REPLICA_AGE_MS), 'two');
    await until(() => names(one) === 'one two' && names(two) === 'one two');
    await server.kill();
    aheadMs = 60_000;
    expect(names(one)).toBe('one two');
    const seen = () => one.list().find(({ name }) => name === 'two')?.applied_seq;
    const before = seen();
    await server.run();
    const lists = new Set<string>();
    await until(() => {
      lists.add(names(one));
      return seen() !== before;
    });
    expect([...lists]).toEqual(['one two']);
  });

  it('must have the same server id, table and mode', async () => {
    const bucket = await bucketOf('identity_1', 0);
    const own = { CLUSTERER_SERVER_ID: '1', CLUSTERER_DB_TABLE: 'clusterer', CLUSTERER_PERSISTENT_MODE: '1' };
    await Promise.all([checkIdentity(bucket, 'epoch', own), checkIdentity(bucket, 'epoch', own)]);
    await expect(checkIdentity(bucket, 'epoch', { ...own, CLUSTERER_SERVER_ID: '2' })).rejects.toThrow(
      'CLUSTERER_SERVER_ID is 2, but the other replicas have 1.',
    );
    await expect(
      checkIdentity(bucket, 'epoch', { ...own, CLUSTERER_DB_TABLE: 'x', CLUSTERER_PERSISTENT_MODE: '0' }),
    ).rejects.toThrow(
      'CLUSTERER_DB_TABLE is x, but the other replicas have clusterer. CLUSTERER_PERSISTENT_MODE is 0, but the other replicas have 1.',
    );
    await checkIdentity(bucket, 'other', { ...own, CLUSTERER_SERVER_ID: '2' });
  });

  describe('ask each other', () => {
    async function requests(): Promise<ReplicaRequests> {
      return new ReplicaRequests((await connectTo(server)).nats, 'test', silentLog);
    }

    it('and get the reply, or the error of the handler', async () => {
      const [one, two] = [await requests(), await requests()];
      one.serve('one', async (bytes) => {
        if (bytes.length === 0) throw new Error('it is empty');
        return Buffer.from(`got ${bytes}`);
      });
      await until(() =>
        two.request('one', Buffer.from('a'), 1_000).then(
          (it) => `${it}` === 'got a',
          () => false,
        ),
      );
      const failed = two.request('one', Buffer.alloc(0), 1_000);
      await expect(failed).rejects.toMatchObject({ reason: 'failed', message: expect.stringContaining('it is empty') });
    });

    it('and get a reply that is longer than a message of NATS may be', async () => {
      const [one, two] = [await requests(), await requests()];
      const results = Array.from({ length: 50_000 }, (_, i) => ({ machine_id: i, sent: false, error: 'refused' }));
      const long = Buffer.from(JSON.stringify(results));
      one.serve('long', async () => long);
      await until(
        async () => (await two.request('long', Buffer.alloc(0), 5_000).catch(() => null))?.equals(long) === true,
      );
    });

    it('and learn that a replica does not run, or does not reply', async () => {
      const [one, two] = [await requests(), await requests()];
      await expect(two.request('nobody', Buffer.alloc(1), 1_000)).rejects.toMatchObject({ reason: 'absent' });
      let asked = 0;
      one.serve('silent', () => {
        asked++;
        return new Promise(() => {});
      });
      await until(() =>
        two.request('silent', Buffer.alloc(1), 100).then(
          () => false,
          () => asked > 0,
        ),
      );
      await expect(two.request('silent', Buffer.alloc(1), 100)).rejects.toMatchObject({ reason: 'timeout' });
      const large = two.request('silent', Buffer.alloc(2 * 1024 * 1024), 100);
      await expect(large).rejects.toMatchObject({ reason: 'failed' });
    });

    it('and tell all of them', async () => {
      const [one, two] = [await requests(), await requests()];
      const heard: string[] = [];
      one.subscribe('digest', (bytes) => heard.push(`one ${bytes}`));
      two.subscribe('digest', (bytes) => heard.push(`two ${bytes}`));
      await until(() => {
        two.broadcast('digest', Buffer.from('a'));
        return heard.includes('one a') && heard.includes('two a');
      });
    });
  });
});
