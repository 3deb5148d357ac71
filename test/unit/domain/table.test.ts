import type { Machine } from '../../../src/domain/machine.js';
import { ClusterTable, MachineCell } from '../../../src/domain/table.js';
import { loadedMachine } from '../../support/tables/rows.js';

function machine(clusterId: number, machineId: number): Machine {
  return { ...loadedMachine({ clusterId, machineId }), lastAttempt: 0, enableAt: null };
}

/** Adds the machine to its cluster. */
function add(table: ClusterTable, clusterId: number, machineId: number): MachineCell {
  const cell = new MachineCell(machine(clusterId, machineId));
  table.ensure(clusterId).add(cell);
  return cell;
}

describe('the table', () => {
  it('lists clusters and machines by ascending id, whatever the order they were added in', () => {
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

  it('does not change a list that it has returned', () => {
    const table = new ClusterTable();
    const removed = add(table, 1, 2);
    const before = table.ensure(1).machines;
    add(table, 1, 3);
    table.ensure(1).remove(removed);
    expect(before.map((cell) => cell.machine.machineId)).toEqual([2]);
    expect(table.ensure(1).machines.map((cell) => cell.machine.machineId)).toEqual([3]);
  });

  it('gives each machine of a cluster its own place, and reuses places', () => {
    const table = new ClusterTable();
    const [a, b] = [add(table, 1, 20), add(table, 1, 10)];
    expect([a.place, b.place, add(table, 2, 5).place]).toEqual([0, 1, 0]);
    table.ensure(1).remove(a);
    expect([add(table, 1, 30).place, add(table, 1, 40).place]).toEqual([0, 2]);
  });

  it('finds no unknown machine', () => {
    const table = new ClusterTable();
    add(table, 1, 2);
    expect(table.cell(1, 2)?.machine.url).toBe('bin:10.0.1.2:5555');
    expect(table.cell(1, 3)).toBeUndefined();
    expect(table.cell(2, 2)).toBeUndefined();
  });

  it('drops a cluster when it has neither machines nor the own row', () => {
    const table = new ClusterTable();
    const cell = add(table, 1, 2);
    const cluster = table.ensure(1);
    cluster.own = machine(1, 5);
    table.dropIfEmpty(cluster);
    cluster.remove(cell);
    table.dropIfEmpty(cluster);
    expect(table.clusters).toEqual([cluster]);
    cluster.own = null;
    table.dropIfEmpty(cluster);
    expect(table.clusters).toEqual([]);
    expect(table.cluster(1)).toBeUndefined();
  });
});
