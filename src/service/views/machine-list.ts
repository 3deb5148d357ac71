import type { Cluster, MachineCell } from '../../domain/table.js';
import { ServiceError } from '../../ground/errors.js';
import { MACHINES_OF_A_PAGE, type NodeFilter } from '../../schemas/machine.js';

export interface MachinePage {
  readonly cells: readonly MachineCell[];
  /** Names the page that follows; null on the last. */
  readonly nextCursor: string | null;
}

/** One page of machines, ordered by cluster and machine. @throws `invalid_input` for a cursor that is none of ours */
export function listMachines(clusters: Iterable<Cluster>, filter: Partial<NodeFilter>): MachinePage {
  const limit = filter.limit ?? MACHINES_OF_A_PAGE;
  const from = filter.cursor === undefined ? null : readCursor(filter.cursor);
  const protocol = filter.protocol?.toLowerCase();
  const cells: MachineCell[] = [];
  for (const cluster of clusters) {
    if (filter.cluster_id !== undefined && cluster.clusterId !== filter.cluster_id) continue;
    if (from !== null && cluster.clusterId < from.clusterId) continue;
    for (const cell of cluster.machines) {
      const { machine } = cell;
      if (from !== null && cluster.clusterId === from.clusterId && machine.machineId <= from.machineId) continue;
      if (filter.machine_id !== undefined && machine.machineId !== filter.machine_id) continue;
      if (protocol !== undefined && machine.protocol !== protocol) continue;
      if (filter.state !== undefined && machine.state !== filter.state) continue;
      const last = cells[limit - 1];
      if (last !== undefined) return { cells, nextCursor: writeCursor(last) };
      cells.push(cell);
    }
  }
  return { cells, nextCursor: null };
}

/** A cursor is the place behind the last machine of a page, so a machine that is removed or added moves no other. */
function writeCursor({ machine }: MachineCell): string {
  return Buffer.from(`${machine.clusterId}/${machine.machineId}`).toString('base64url');
}

function readCursor(cursor: string): { clusterId: number; machineId: number } {
  const [, clusterId, machineId] = /^(\d{1,10})\/(\d{1,10})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (clusterId === undefined || machineId === undefined) {
    const detail = 'is not the next_cursor of a page; start again without one';
    throw new ServiceError('invalid_input', `cursor ${detail}.`, { errors: [{ pointer: '/cursor', detail }] });
  }
  return { clusterId: Number(clusterId), machineId: Number(machineId) };
}
