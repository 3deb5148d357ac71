import type { Machine } from '../../../src/domain/machine.js';
import { Registration, Watch } from '../../../src/domain/reception.js';
import type { Watches } from '../../../src/domain/reception-table.js';
import { Cluster, MachineCell } from '../../../src/domain/table.js';
import { loadedMachine } from '../../support/tables/rows.js';

const TIMEOUT_MS = 3_000;

function machineCells(count: number): MachineCell[] {
  const cluster = new Cluster(1);
  return Array.from({ length: count }, (_, i) => {
    const machine: Machine = { ...loadedMachine(), machineId: i + 1, lastAttempt: 0, enableAt: null };
    const cell = new MachineCell(machine);
    cluster.add(cell);
    return cell;
  });
}

/** The watches of a registration that watches these machines since the instant 1000. */
function watchesOf(cells: readonly MachineCell[], timeoutMs = TIMEOUT_MS): Watches<Watch> {
  const registration = new Registration(1, { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs, authCheck: true });
  for (const cell of cells) registration.watches.add(new Watch(registration, cell), 1000);
  return registration.watches;
}

describe('the watches of a registration', () => {
  const [first, second, third] = machineCells(3) as [MachineCell, MachineCell, MachineCell];

  it('know when a machine is silent: the first millisecond that is longer than the time-out after its last packet', () => {
    const watches = watchesOf([first]);
    expect(watches.silentAt(first)).toBe(1000 + TIMEOUT_MS + 1);
    watches.refresh(first, 1, 2000);
    expect(watches.silentAt(first)).toBe(2000 + TIMEOUT_MS + 1);
    expect(watchesOf([first], 0).silentAt(first)).toBe(Number.POSITIVE_INFINITY);
  });

  it('count the packets of each machine by itself, also beyond 31 bits', () => {
    const watches = watchesOf([first, second]);
    watches.refresh(first, 2 ** 31 - 1, 1001);
    watches.refresh(first, 2, 1002);
    expect(watches.packetsOf(first)).toBe(2 ** 31 + 1);
    expect(watches.packetsOf(second)).toBe(0);
    expect(watches.lastPacketAtOf(second)).toBe(1000);
  });

  it('let packets of a machine pass that is not watched, and keep nothing of them', () => {
    const watches = watchesOf([second]);
    for (const stranger of [first, third]) {
      watches.refresh(stranger, 1, 1001);
      expect(watches.silentAt(stranger)).toBeNaN();
      expect(watches.packetsOf(stranger)).toBe(0);
    }
    expect([...watches].map(({ cell }) => cell)).toEqual([second]);
  });

  it('forget a machine that is watched no longer, also when another takes its place', () => {
    const watches = watchesOf([first, second]);
    watches.refresh(first, 5, 1500);
    const gone = watches.of(first) as Watch;
    watches.delete(gone);
    expect(watches.size).toBe(1);
    expect(watches.silentAt(first)).toBeNaN();
    watches.add(new Watch(gone.registration, first), 1600);
    expect(watches.packetsOf(first)).toBe(0);
    expect(watches.lastPacketAtOf(first)).toBe(1600);
  });

  it('know when the machine was heard that has been silent longest', () => {
    const watches = watchesOf([first, third]);
    watches.refresh(first, 1, 1700);
    expect(watches.oldestPacketAt).toBe(1000);
    watches.refresh(third, 1, 1800);
    expect(watches.oldestPacketAt).toBe(1700);
    expect(watchesOf([]).oldestPacketAt).toBe(Number.POSITIVE_INFINITY);
  });
});
