import type { Machine } from '../../../src/domain/machine.js';
import { ClusterTable, MachineCell } from '../../../src/domain/table.js';
import { loadedMachine } from '../../support/rows.js';

function machine(clusterId: number, machineId: number): Machine {
  return { ...loadedMachine({ clusterId, machineId }), lastAttempt: 0, enableAt: null };
}

/** Adds the machine to its cluster. */
function add(table: ClusterTable, clusterId: number, machineId: number): void {
  table.ensure(clusterId).add(new MachineCell(machine(clusterId, machineId)));
}

describe('the table', () => {
  it('lists clusters and machines by ascending id, whatever came first', () => {
    const table = new ClusterTable();
    for (const [clusterId, machineId] of [
      [9, 1],
      [2, 30],
      [2, 4],
      [10, 1],
      [2, 100],
    ] as const) {
      add(table, clusterId, machineId);
    }
    const listed = table.clusters.map((it) => [it.clusterId, it.machines.map((cell) => cell.machine.machineId)]);
    expect(listed).toEqual([
      [2, [4, 30, 100]],
      [9, [1]],
      [10, [1]],
    ]);
  });

  it('keeps a list that was handed out as it was', () => {
    const table = new ClusterTable();
    add(table, 1, 2);
    const before = table.ensure(1).machines;
    add(table, 1, 3);
    table.ensure(1).remove(2);
    expect(before.map((cell) => cell.machine.machineId)).toEqual([2]);
    expect(table.ensure(1).machines.map((cell) => cell.machine.machineId)).toEqual([3]);
  });

  it('knows no machine that is not there', () => {
    const table = new ClusterTable();
    add(table, 1, 2);
    expect(table.cell(1, 2)?.machine.url).toBe('bin:10.0.1.2:5555');
    expect(table.cell(1, 3)).toBeUndefined();
    expect(table.cell(2, 2)).toBeUndefined();
  });

  it('drops a cluster only when neither a machine nor the own row is left', () => {
    const table = new ClusterTable();
    add(table, 1, 2);
    const cluster = table.ensure(1);
    cluster.own = machine(1, 5);
    table.dropIfEmpty(cluster);
    cluster.remove(2);
    table.dropIfEmpty(cluster);
    expect(table.clusters).toEqual([cluster]);
    cluster.own = null;
    table.dropIfEmpty(cluster);
    expect(table.clusters).toEqual([]);
    expect(table.cluster(1)).toBeUndefined();
  });
});
