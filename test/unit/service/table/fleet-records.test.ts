import { DatabaseUnavailable } from '../../../../src/ground/errors.js';
import { ALONE } from '../../../../src/service/leadership.js';
import type {
  FleetPeer,
  FleetPeerChange,
  FleetSequence,
  FleetStore,
  FleetTag,
} from '../../../../src/service/ports/fleet-store.js';
import { FleetRecords } from '../../../../src/service/table/fleet-records.js';
import { TableQueue } from '../../../../src/service/table/table-queue.js';
import { FakeClock } from '../../../support/engine/fake-clock.js';

/** Tables in memory that can become unavailable. */
class Tables implements FleetStore {
  away = false;
  sequences: FleetSequence[] = [];
  peers: FleetPeer[] = [];
  tags: FleetTag[] = [];
  writes = 0;

  async load() {
    this.reach();
    return { sequences: [...this.sequences], peers: [...this.peers], tags: [...this.tags] };
  }

  async saveSequences(sequences: readonly FleetSequence[]): Promise<void> {
    this.reach();
    this.writes++;
    const same = (a: FleetSequence, b: FleetSequence) =>
      a.clusterId === b.clusterId && a.machineId === b.machineId && a.kind === b.kind;
    this.sequences = [...this.sequences.filter((kept) => !sequences.some((one) => same(kept, one))), ...sequences];
  }

  async savePeers(changes: readonly FleetPeerChange[]): Promise<void> {
    this.reach();
    this.writes++;
    this.peers = this.peers.filter(({ machineId }) => !changes.some((change) => change.machineId === machineId));
    for (const { family, ...peer } of changes) if (family !== null) this.peers.push({ ...peer, family });
  }

  async saveTags(tags: readonly FleetTag[]): Promise<void> {
    this.reach();
    this.writes++;
    this.tags = [...this.tags.filter((kept) => !tags.some(({ tag }) => tag === kept.tag)), ...tags];
  }

  private reach(): void {
    if (this.away) throw new DatabaseUnavailable('away', undefined, true);
  }
}

const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

async function start(fleet: Tables | null, serverId = 9) {
  const clock = new FakeClock();
  const queue = new TableQueue();
  const records = new FleetRecords(serverId, { fleet, clock, log, leadership: ALONE }, queue);
  await records.read();
  const settled = () => queue.run(async () => undefined);
  return { clock, records, settled };
}

it('a restart knows the numbers that were reserved, and the families, of each cluster', async () => {
  const tables = new Tables();
  const { records, settled } = await start(tables);
  expect(records.remembered()).toEqual(new Map());
  records.sequenceReserved(1, 'link', 105);
  records.sequenceReserved(1, 'topology', 100);
  records.sequenceReserved(2, 'capabilities', 200);
  records.familyLearned({ clusterId: 1, machineId: 2, family: 'C2' });
  await settled();

  const { records: restarted } = await start(tables);

  expect(restarted.remembered()).toMatchObject(
    new Map([
      [
        1,
        {
          sequences: new Map(Object.entries({ link: 105, topology: 100 })),
          families: new Map([[2, 'C2']]),
          wishes: new Map(),
        },
      ],
      [2, { sequences: new Map([['capabilities', 200]]), families: new Map(), wishes: new Map() }],
    ]),
  );
});

it('the numbers of another service in the same tables are left alone', async () => {
  const tables = new Tables();
  const first = await start(tables, 9);
  first.records.sequenceReserved(1, 'link', 105);
  await first.settled();

  const second = await start(tables, 10);
  expect(second.records.remembered()).toEqual(new Map());
  second.records.sequenceReserved(1, 'link', 101);
  await second.settled();

  expect(tables.sequences).toEqual([
    { clusterId: 1, machineId: 9, kind: 'links', seq: 105 },
    { clusterId: 1, machineId: 10, kind: 'links', seq: 101 },
  ]);
});

it('a family that is known is not written again, and another one replaces it', async () => {
  const tables = new Tables();
  const { records, settled } = await start(tables);
  for (let i = 0; i < 2; i++) {
    records.familyLearned({ clusterId: 1, machineId: 2, family: 'E' });
    await settled();
  }
  expect(tables.writes).toBe(1);

  records.familyLearned({ clusterId: 1, machineId: 2, family: 'D2' });
  await settled();
  expect(tables.peers).toEqual([{ clusterId: 1, machineId: 2, family: 'D2' }]);
});

it('a family that was read is not written again', async () => {
  const tables = new Tables();
  tables.peers.push({ clusterId: 1, machineId: 2, family: 'E' });
  const { records, settled } = await start(tables);
  records.familyLearned({ clusterId: 1, machineId: 2, family: 'E' });
  await settled();
  expect(tables.writes).toBe(0);
});

it('while the database is away the newest values wait, and the stop writes them', async () => {
  const tables = new Tables();
  const { records, settled } = await start(tables);
  tables.away = true;
  records.sequenceReserved(1, 'link', 105);
  await settled();
  records.sequenceReserved(1, 'link', 205);
  records.familyLearned({ clusterId: 1, machineId: 2, family: 'E' });
  tables.away = false;
  await records.stop();

  expect(tables.sequences).toMatchObject([{ kind: 'links', seq: 205 }]);
  expect(tables.peers).toMatchObject([{ machineId: 2, family: 'E' }]);
});

it('what operators want of tags is known after a restart, with the newest wish', async () => {
  const tables = new Tables();
  const { records, settled } = await start(tables);
  const wish = { owner: 2, failover: [3], afterMs: 10_000, fence: 1, since: 5, moves: 0 };
  records.tagChanged({ clusterId: 1, tag: 'vip', wish });
  records.tagChanged({ clusterId: 1, tag: 'vip', wish: { ...wish, owner: 3, fence: 2 } });
  await settled();

  const { records: restarted } = await start(tables);
  const expected = new Map([['vip', { ...wish, owner: 3, fence: 2 }]]);
  expect(restarted.remembered().get(1)?.wishes).toEqual(expected);
});

it('without a store everything is in memory', async () => {
  const { records } = await start(null);
  records.sequenceReserved(1, 'link', 105);
  records.familyLearned({ clusterId: 1, machineId: 2, family: 'E' });

  const known = records.remembered().get(1);
  expect(known?.sequences.get('link')).toBe(105);
  expect(known?.families.get(2)).toBe('E');
  await records.stop();
});
