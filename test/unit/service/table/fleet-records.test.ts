import { DatabaseUnavailable } from '../../../../src/ground/errors.js';
import type { FleetPeer, FleetPeerChange, FleetSequence, FleetStore } from '../../../../src/service/ports.js';
import { FleetRecords } from '../../../../src/service/table/fleet-records.js';
import { TableQueue } from '../../../../src/service/table/table-queue.js';
import { FakeClock } from '../../../support/engine/fake-clock.js';

/** Tables in memory that can become unavailable. */
class Tables implements FleetStore {
  away = false;
  sequences: FleetSequence[] = [];
  peers: FleetPeer[] = [];
  writes = 0;

  async load() {
    this.reach();
    return { sequences: [...this.sequences], peers: [...this.peers] };
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

  private reach(): void {
    if (this.away) throw new DatabaseUnavailable('away', undefined, true);
  }
}

const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

async function start(fleet: Tables | null, serverId = 9) {
  const clock = new FakeClock();
  const queue = new TableQueue();
  const records = new FleetRecords(serverId, { fleet, clock, log }, queue);
  await records.read();
  const settled = () => queue.run(async () => undefined);
  return { clock, records, settled };
}

it('a restart continues after every number that may have been used, and knows the families', async () => {
  const tables = new Tables();
  const { records, settled } = await start(tables);
  expect(records.lastUsed(1, 'links')).toBeNull();
  records.sequenceUsed(1, 'links', 5);
  records.sequenceUsed(1, 'topology', 2);
  records.familyChanged({ clusterId: 1, machineId: 2, family: 'C3' });
  await settled();

  const { records: restarted } = await start(tables);

  expect(restarted.lastUsed(1, 'links')).toBe(5 + 64);
  expect(restarted.lastUsed(1, 'topology')).toBe(2 + 64);
  expect(restarted.lastUsed(2, 'links')).toBeNull();
  expect(restarted.familyOf({ clusterId: 1, machineId: 2 })).toBe('C3');
  expect(restarted.familyOf({ clusterId: 1, machineId: 3 })).toBeNull();
});

it('the numbers of another service in the same tables are left alone', async () => {
  const tables = new Tables();
  const first = await start(tables, 9);
  first.records.sequenceUsed(1, 'links', 5);
  await first.settled();

  const second = await start(tables, 10);
  expect(second.records.lastUsed(1, 'links')).toBeNull();
  second.records.sequenceUsed(1, 'links', 1);
  await second.settled();

  expect(tables.sequences.map(({ machineId, seq }) => [machineId, seq])).toEqual([
    [9, 5],
    [10, 1],
  ]);
});

it('a family that is known is not written again, and one that is forgotten is removed', async () => {
  const tables = new Tables();
  const { records, settled } = await start(tables);
  records.familyChanged({ clusterId: 1, machineId: 2, family: 'E' });
  await settled();
  records.familyChanged({ clusterId: 1, machineId: 2, family: 'E' });
  await settled();
  expect(tables.writes).toBe(1);

  records.familyChanged({ clusterId: 1, machineId: 2, family: null });
  await settled();
  expect(tables.peers).toEqual([]);
  expect(records.familyOf({ clusterId: 1, machineId: 2 })).toBeNull();
});

it('while the database is away the newest values wait, and the stop writes them', async () => {
  const tables = new Tables();
  const { records, settled } = await start(tables);
  tables.away = true;
  records.sequenceUsed(1, 'links', 5);
  await settled();
  records.sequenceUsed(1, 'links', 6);
  records.familyChanged({ clusterId: 1, machineId: 2, family: 'E' });
  tables.away = false;
  await records.stop();

  expect(tables.sequences).toMatchObject([{ kind: 'links', seq: 6 }]);
  expect(tables.peers).toMatchObject([{ machineId: 2, family: 'E' }]);
});

it('without a store everything is in memory', async () => {
  const { records } = await start(null);
  records.sequenceUsed(1, 'links', 5);
  records.familyChanged({ clusterId: 1, machineId: 2, family: 'E' });

  expect(records.lastUsed(1, 'links')).toBe(5);
  expect(records.familyOf({ clusterId: 1, machineId: 2 })).toBe('E');
  await records.stop();
});
