import type { MachineRow } from '../../../../src/service/ports/machine-store.js';
import { readMachine, readRows } from '../../../../src/service/table/machine-rows.js';
import { FakeClock } from '../../../support/engine/fake-clock.js';
import { ROW } from '../../../support/tables/rows.js';

const CLOCK = new FakeClock();
const NOW = CLOCK.now();

function row(more: Partial<MachineRow> = {}): MachineRow {
  return { clustererId: 1, ...ROW, ...more };
}

describe('a row', () => {
  it('becomes a machine without addresses and without a drain', () => {
    expect(readMachine(row({ state: 2, description: 'sip-2', lastAttempt: 1_799_999_990, noTries: 3 }), NOW)).toEqual({
      machine: {
        clustererId: 1,
        ip: null,
        ips: [],
        drain: null,
        fleet: null,
        keepsAttempts: true,
        clusterId: 1,
        machineId: 2,
        url: 'bin:127.0.0.2:5555',
        protocol: 'bin',
        host: '127.0.0.2',
        port: 5555,
        description: 'sip-2',
        failedAttempts: 3,
        durationMs: 30_000,
        state: 'temp_disabled',
        noTries: 3,
        lastAttempt: 1_799_999_990,
      },
    });
  });

  it.each<[string, Partial<MachineRow>]>([
    ['cluster_id', { clusterId: 0 }],
    ['cluster_id', { clusterId: 2_147_483_648 }],
    ['machine_id', { machineId: 0 }],
    ['machine_id', { machineId: -1 }],
    ['state', { state: 3 }],
    ['state', { state: -1 }],
    ['url', { url: '' }],
    ['url', { url: 'bin:127.0.0.2:99999' }],
  ])('with a faulty %s is refused with that field and a reason', (field, more) => {
    const read = readMachine(row(more), NOW);
    expect(read).toEqual({ fault: { field, reason: expect.stringMatching(/^.+: .+/) } });
  });

  it.each([
    ['never', 0, 0],
    ['just now', 1_800_000_000, 1_800_000_000],
    ['a day in the future', 1_800_086_400, 1_800_086_400],
    ['more than a day in the future', 1_800_086_401, null],
    ['before 1970', -1, null],
    ['garbage from the stack of 2.2', 8_029_399_167_908_617_000, null],
    ['a little garbage from the stack of 2.2', 49_039_975_345, null],
  ])('whose last attempt was %s (%d) has the time %d', (_, lastAttempt, read) => {
    expect(readMachine(row({ lastAttempt }), NOW)).toMatchObject({ machine: { lastAttempt: read } });
  });
});

describe('a table', () => {
  it('is read as a whole by an observer', async () => {
    const { machines } = await readRows([row(), row({ clustererId: 2, clusterId: 7 })], 0, CLOCK);
    expect(machines.map(({ clusterId }) => clusterId)).toEqual([1, 7]);
  });

  it('is read by a member only in its own clusters; faulty rows of others are not reported', async () => {
    const rows = [
      row({ clustererId: 1, machineId: 9 }),
      row({ clustererId: 2 }),
      row({ clustererId: 3, clusterId: 7 }),
      row({ clustererId: 4, clusterId: 7, state: 5 }),
    ];
    const { machines, skipped } = await readRows(rows, 9, CLOCK);
    expect(machines.map(({ clustererId }) => clustererId)).toEqual([1, 2]);
    expect(skipped).toEqual([]);
  });

  it('has one machine for several rows: the lowest that can be loaded', async () => {
    const rows = [row({ clustererId: 3, state: 9 }), row({ clustererId: 4 }), row({ clustererId: 8 })];
    const { machines, skipped } = await readRows(rows, 0, CLOCK);
    expect(machines.map(({ clustererId }) => clustererId)).toEqual([4]);
    expect(skipped).toEqual([
      { clustererId: 3, field: 'state', reason: '9: a state is 0, 1 or 2' },
      { clustererId: 8, field: 'machine_id', reason: 'duplicate of row 4' },
    ]);
  });

  it('loads a row with an implausible time, and reports it as repaired', async () => {
    const { machines, skipped, repaired } = await readRows([row({ lastAttempt: 49_039_975_345 })], 0, CLOCK);
    expect(machines).toMatchObject([{ lastAttempt: null }]);
    expect(skipped).toEqual([]);
    expect(repaired).toEqual([
      {
        clustererId: 1,
        field: 'last_attempt',
        reason: '49039975345 is not a plausible timestamp; using the current time',
      },
    ]);
  });

  it('does not report the last attempt of the own row, and counts the rows of other clusters', async () => {
    const rows = [
      row({ clustererId: 1, machineId: 9, lastAttempt: 49_039_975_345 }),
      row({ clustererId: 2 }),
      row({ clustererId: 3, clusterId: 7 }),
    ];
    const { machines, skipped, repaired, elsewhere } = await readRows(rows, 9, CLOCK);
    expect(machines).toHaveLength(2);
    expect([skipped, repaired, elsewhere]).toEqual([[], [], 1]);
  });
});

describe('a row in a cluster of dialect 2.4', () => {
  it('has the columns of table version 4, and the defaults where the table lacks them', () => {
    const version4 = row({ priority: 7, sipAddress: '10.0.0.1' });
    const machineOf = (given: MachineRow) => readMachine(given, NOW, '2.4');

    expect(machineOf(version4)).toMatchObject({ machine: { fleet: { priority: 7, sipAddress: '10.0.0.1' } } });
    expect(machineOf(row())).toMatchObject({ machine: { fleet: { priority: 50, sipAddress: null } } });
  });

  it('keeps no attempts, in either table: any state but 0 is up', () => {
    for (const version of [{}, { priority: 50, sipAddress: null }]) {
      const read = readMachine(row({ state: 2, noTries: 3, lastAttempt: 5, ...version }), NOW, '2.4');
      expect(read).toMatchObject({ machine: { state: 'up', noTries: 0, lastAttempt: 0, keepsAttempts: false } });
      expect(readMachine(row({ state: 0, ...version }), NOW, '2.4')).toMatchObject({ machine: { state: 'down' } });
    }
  });

  it('is left out while this service has no row there, for an observer always', async () => {
    const rows = [
      row({ clusterId: 7 }),
      row({ clusterId: 1 }),
      row({ clusterId: 2 }),
      row({ clusterId: 2, machineId: 9 }),
    ];
    const dialectOf = (clusterId: number) => (clusterId === 7 ? '2.2' : '2.4');

    expect(await readRows(rows, 0, CLOCK, dialectOf)).toMatchObject({
      machines: [{ clusterId: 7 }],
      elsewhere: 3,
      memberless: [1, 2],
    });
    expect(await readRows(rows, 9, CLOCK, dialectOf)).toMatchObject({
      machines: [{ clusterId: 2 }, { clusterId: 2, machineId: 9 }],
      elsewhere: 2,
      memberless: [1],
    });
  });
});

it('a row of table version 4 in a cluster of dialect 2.2 keeps no attempts and has no further fields', () => {
  expect(readMachine(row({ priority: 7, sipAddress: null }), NOW)).toMatchObject({
    machine: { fleet: null, keepsAttempts: false },
  });
});
