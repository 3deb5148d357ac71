import type { Cluster, MachineCell } from '../../domain/table.js';
import { MACHINES_OF_A_PAGE, type NodeFilter } from '../../schemas/machine.js';
import { badCursor } from './errors.js';

export interface MachinePage {
  readonly cells: readonly MachineCell[];
  /** The cursor of the next page; null on the last. */
  readonly nextCursor: string | null;
}

/** One page of machines, ordered by cluster and machine. @throws `invalid_input` for a malformed cursor */
export function listMachines(clusters: Iterable<Cluster>, filter: Partial<NodeFilter>): MachinePage {
  const limit = filter.limit ?? MACHINES_OF_A_PAGE;
  const after = filter.cursor === undefined ? null : parseCursor(filter.cursor);
  const protocol = filter.protocol?.toLowerCase();
  const cells: MachineCell[] = [];
  for (const cluster of clusters) {
    if (filter.cluster_id !== undefined && cluster.clusterId !== filter.cluster_id) continue;
    if (after !== null && cluster.clusterId < after.clusterId) continue;
    for (const cell of cluster.machines) {
      const { machine } = cell;
      if (after !== null && cluster.clusterId === after.clusterId && machine.machineId <= after.machineId) continue;
      if (filter.machine_id !== undefined && machine.machineId !== filter.machine_id) continue;
      if (protocol !== undefined && machine.protocol !== protocol) continue;
      if (filter.state !== undefined && machine.state !== filter.state) continue;
      const last = cells[limit - 1];
      if (last !== undefined) return { cells, nextCursor: formatCursor(last) };
      cells.push(cell);
    }
  }
  return { cells, nextCursor: null };
}

/** A cursor is the position after the last machine of a page, so machines that are added or removed do not move the others. */
function formatCursor({ machine }: MachineCell): string {
  return Buffer.from(`${machine.clusterId}/${machine.machineId}`).toString('base64url');
}

function parseCursor(cursor: string): { clusterId: number; machineId: number } {
  const [, clusterId, machineId] = /^(\d{1,10})\/(\d{1,10})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (clusterId === undefined || machineId === undefined) throw badCursor();
  return { clusterId: Number(clusterId), machineId: Number(machineId) };
}
