import type { Machine } from '../../../src/domain/machine.js';
import { MachineReception, Registration } from '../../../src/domain/reception.js';
import type { ReceptionTable } from '../../../src/domain/reception-table.js';
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

/** The receptions of these machines, started at 1000. */
function tableOf(cells: readonly MachineCell[], timeoutMs = TIMEOUT_MS): ReceptionTable<MachineReception> {
  const registration = new Registration(1, { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs, authCheck: true });
  for (const cell of cells) registration.receptions.add(new MachineReception(registration, cell), 1000);
  return registration.receptions;
}

describe('the receptions of a registration', () => {
  const [first, second, third] = machineCells(3) as [MachineCell, MachineCell, MachineCell];

  it('know when a machine is silent: the first millisecond that exceeds the timeout after its last packet', () => {
    const table = tableOf([first]);
    expect(table.silentAt(first)).toBe(1000 + TIMEOUT_MS + 1);
    table.refresh(first, 1, 2000);
    expect(table.silentAt(first)).toBe(2000 + TIMEOUT_MS + 1);
    expect(tableOf([first], 0).silentAt(first)).toBe(Number.POSITIVE_INFINITY);
  });

  it('count the packets of each machine, beyond 31 bits too', () => {
    const table = tableOf([first, second]);
    table.refresh(first, 2 ** 31 - 1, 1001);
    table.refresh(first, 2, 1002);
    expect(table.packetsOf(first)).toBe(2 ** 31 + 1);
    expect(table.packetsOf(second)).toBe(0);
    expect(table.lastPacketAtOf(second)).toBe(1000);
  });

  it('ignore packets of a machine without a reception', () => {
    const table = tableOf([second]);
    for (const other of [first, third]) {
      table.refresh(other, 1, 1001);
      expect(table.silentAt(other)).toBeNaN();
      expect(table.packetsOf(other)).toBe(0);
    }
    expect([...table].map(({ cell }) => cell)).toEqual([second]);
  });

  it('keep nothing of a deleted reception when its place is used again', () => {
    const table = tableOf([first, second]);
    table.refresh(first, 5, 1500);
    const gone = table.of(first) as MachineReception;
    table.delete(gone);
    expect(table.size).toBe(1);
    expect(table.silentAt(first)).toBeNaN();
    table.add(new MachineReception(gone.registration, first), 1600);
    expect(table.packetsOf(first)).toBe(0);
    expect(table.lastPacketAtOf(first)).toBe(1600);
  });

  it('know the last packet of the machine that has been silent longest', () => {
    const table = tableOf([first, third]);
    table.refresh(first, 1, 1700);
    expect(table.oldestPacketAt).toBe(1000);
    table.refresh(third, 1, 1800);
    expect(table.oldestPacketAt).toBe(1700);
    expect(tableOf([]).oldestPacketAt).toBe(Number.POSITIVE_INFINITY);
  });
});
