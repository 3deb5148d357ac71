import { ServiceError } from '../../ground/errors.js';
import type { ReadMachine, ReadRows } from './machine-rows.js';

/** The rows to load. The first row over the limit is in `skipped`; `overLimit` counts the others. */
export interface LimitedRows extends Omit<ReadRows, 'memberless'> {
  readonly overLimit: number;
}

/** CLUSTERER_MAX_MACHINES. Own rows do not count: they are not machines, and without them a cluster is not loaded. */
export interface MachineLimit {
  readonly maxMachines: number;
  readonly serverId: number;
}

/** Returns the first rows, up to the limit. The first row over it is skipped with a reason that counts all of them. */
export function limitMachines(
  rows: Omit<ReadRows, 'memberless'>,
  { maxMachines, serverId }: MachineLimit,
): LimitedRows {
  const { machines, skipped, repaired } = rows;
  if (machines.length <= maxMachines) return { ...rows, overLimit: 0 };
  let room = maxMachines;
  const fits = (machine: ReadMachine) => machine.machineId === serverId || room-- > 0;
  const [taken, left] = [[] as ReadMachine[], [] as ReadMachine[]];
  for (const machine of machines) (fits(machine) ? taken : left).push(machine);
  const [first] = left;
  if (first === undefined) return { ...rows, overLimit: 0 };
  const reason = `${left.length} rows from this one on exceed CLUSTERER_MAX_MACHINES (${maxMachines}); raise it or remove rows`;
  const leftOut = new Set(left.map(({ clustererId }) => clustererId));
  return {
    ...rows,
    machines: taken,
    repaired: repaired.filter(({ clustererId }) => clustererId === null || !leftOut.has(clustererId)),
    skipped: [...skipped, { clustererId: first.clustererId, field: 'machine_id', reason }],
    overLimit: left.length - 1,
  };
}

export function tooManyMachines({ maxMachines }: MachineLimit): ServiceError {
  const detail = `The table has ${maxMachines} machines, the limit of CLUSTERER_MAX_MACHINES; raise it, or remove machines.`;
  return new ServiceError('too_many_machines', detail);
}
