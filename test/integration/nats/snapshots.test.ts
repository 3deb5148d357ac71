import { jetstreamManager } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import type { Connection } from '../../../src/nats/connection.js';
import { SnapshotStore } from '../../../src/nats/snapshot-store.js';
import { systemClock } from '../../../src/process/system-clock.js';
import { closeConnections, connectTo, silentLog } from '../../support/nats/connect.js';
import { describeWithNats, NatsServer } from '../../support/nats/nats-server.js';

jest.setTimeout(60_000);

describeWithNats('snapshots in NATS', () => {
  let server: NatsServer;
  let connection: Connection;
  let prefix: string;
  let tests = 0;
  const warnings: object[] = [];

  beforeAll(async () => {
    server = await NatsServer.start();
  });
  beforeEach(async () => {
    connection = await connectTo(server);
    prefix = `test-${++tests}`;
    warnings.length = 0;
  });
  afterEach(closeConnections);
  afterAll(() => server.stop());

  function open(more: { keep?: number; epoch?: string } = {}): Promise<SnapshotStore> {
    const log = { ...silentLog, warn: (fields: object) => warnings.push(fields) };
    const settings = { prefix, replicas: 1, epoch: 'epoch', keep: 3, clock: systemClock, log };
    return SnapshotStore.open(connection.nats, { ...settings, ...more });
  }

  function snapshot(seq: number, bytes = Buffer.from(`state ${seq}`)) {
    return { seq, timeMs: seq * 1_000.5, bytes };
  }

  it('are found by their age: the newest that is old enough, otherwise the oldest', async () => {
    const store = await open();
    expect(await store.newest(Number.POSITIVE_INFINITY)).toBeNull();
    for (const seq of [1, 2, 3]) await store.put(snapshot(seq));
    expect(await store.newest(Number.POSITIVE_INFINITY)).toEqual(snapshot(3));
    expect(await store.newest(2_001)).toEqual(snapshot(2));
    expect(await store.newest(0)).toEqual(snapshot(1));
  });

  it('hold many chunks, or no bytes', async () => {
    const store = await open();
    const large = snapshot(1, Buffer.alloc(3_000_000, 'snapshot'));
    await store.put(large);
    expect((await store.newest(Number.POSITIVE_INFINITY))?.bytes.equals(large.bytes)).toBe(true);
    await store.put(snapshot(2, Buffer.alloc(0)));
    expect(await store.newest(Number.POSITIVE_INFINITY)).toEqual(snapshot(2, Buffer.alloc(0)));
  });

  it('replace the oldest ones, and leave nothing of them', async () => {
    const store = await open();
    for (let seq = 1; seq <= 10; seq++) await store.put(snapshot(seq));
    expect((await store.list()).map(({ seq }) => seq)).toEqual([10, 9, 8]);
    const manager = await jetstreamManager(connection.nats);
    // A chunk and a description of each.
    expect((await manager.streams.info(`OBJ_${prefix}_snapshots`)).state.messages).toBe(6);
  });

  it('of a lost log are ignored and replaced', async () => {
    const before = await open();
    for (const seq of [1, 2, 3]) await before.put(snapshot(seq));
    const store = await open({ epoch: 'other' });
    expect(await store.newest(Number.POSITIVE_INFINITY)).toBeNull();
    await store.put(snapshot(1));
    expect((await store.list()).map(({ seq }) => seq)).toEqual([1]);
    expect((await before.list()).map(({ seq }) => seq)).toEqual([3, 2]);
  });

  it('that are damaged are skipped with a warning', async () => {
    const store = await open();
    for (const seq of [1, 2, 3]) await store.put(snapshot(seq, Buffer.alloc(300_000, seq)));
    const objects = await new Objm(connection.nats).open(`${prefix}_snapshots`);
    const newest = (await objects.list()).find(({ metadata }) => metadata?.seq === '3');
    connection.nats.publish(`$O.${prefix}_snapshots.C.${newest?.nuid}`, 'bits');
    await connection.nats.flush();
    expect((await store.newest(Number.POSITIVE_INFINITY))?.seq).toBe(2);
    expect(warnings).toEqual([{ seq: 3, err: expect.stringContaining('digests do not match') }]);
  });

  it('of an unknown version are refused', async () => {
    const store = await open();
    await store.put(snapshot(1));
    const objects = await new Objm(connection.nats).open(`${prefix}_snapshots`);
    const metadata = { epoch: 'epoch', seq: '2', time_ms: '2000' };
    await objects.putBlob({ name: 'slot-1', metadata }, Buffer.of(9, 1, 2));
    await expect(store.newest(Number.POSITIVE_INFINITY)).rejects.toThrow(
      'A snapshot has version 9; this release reads 1.',
    );
  });
});
