import type { Cluster, ClusterTable } from '../../domain/table.js';
import { DatabaseUnavailable, ServiceError } from '../../ground/errors.js';
import { invalidInput } from '../../schemas/validation.js';

// The errors of calls about machines. Each detail says what to do.

export function unknownCluster(clusterId: number): ServiceError {
  return new ServiceError('unknown_cluster', `Cluster ${clusterId} has no loaded row.`);
}

/** @throws `unknown_cluster`; a cluster exists while it has a loaded row. */
export function knownCluster(table: ClusterTable, clusterId: number): Cluster {
  const cluster = table.cluster(clusterId);
  if (cluster === undefined) throw unknownCluster(clusterId);
  return cluster;
}

export function unknownMachine(clusterId: number, machineId: number): ServiceError {
  return new ServiceError('unknown_machine', `Cluster ${clusterId} has no machine ${machineId}.`);
}

export function duplicate(clusterId: number, machineId: number): ServiceError {
  const detail = `Cluster ${clusterId} already has a machine ${machineId}; change it with PUT.`;
  return new ServiceError('duplicate_machine', detail);
}

/** The row exists, and cannot be loaded. */
export function unusable(clusterId: number, machineId: number): ServiceError {
  const detail = `The table has a row of machine ${machineId} of cluster ${clusterId} that cannot be loaded. Correct or delete the row; POST /reload says what is wrong with it.`;
  return new ServiceError('duplicate_machine', detail);
}

/** The database stored other values than were written, and these cannot be used. */
export function otherRow({ field, reason }: { readonly field: string; readonly reason: string }): ServiceError {
  const detail = `The row in the table has a ${field} that cannot be used (${reason}), so nothing was written. Correct the row, or look for a trigger or a column that is too narrow.`;
  return new DatabaseUnavailable(detail);
}

export function notAMember(clusterId: number, serverId: number): ServiceError {
  const detail = `Cluster ${clusterId} has no row of machine ${serverId}, this service. Provision machine ${serverId} in it first.`;
  return new ServiceError('not_a_member', detail);
}

export function observed(clusterId: number): ServiceError {
  const detail = `Cluster ${clusterId} speaks dialect 2.4, which has no observers. Set CLUSTERER_SERVER_ID, start again, and provision that machine first.`;
  return new ServiceError('not_a_member', detail);
}

/** The machine has no row to delete. */
export function withoutRow(clusterId: number, machineId: number): ServiceError {
  const detail = `Machine ${machineId} of cluster ${clusterId} has no row in the table: the cluster told of it. It is forgotten when it is removed from the cluster, as with MI's clusterer_remove_node of OpenSIPS.`;
  return new ServiceError('unknown_machine', detail);
}

export function needsUrl(): ServiceError {
  return invalidInput([{ pointer: '/url', detail: 'is required for a new machine' }]);
}

export function ownState(): ServiceError {
  return invalidInput([
    { pointer: '/state', detail: 'cannot be set for the own row: this service is up while it runs' },
  ]);
}

export function badCursor(): ServiceError {
  return invalidInput([{ pointer: '/cursor', detail: 'is not the next_cursor of a page; start again without one' }]);
}
