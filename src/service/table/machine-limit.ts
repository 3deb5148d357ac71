import { ServiceError } from '../../ground/errors.js';
import type { ReadMachine, ReadRows } from './machine-rows.js';

/** What is loaded, and how many rows the limit left out beyond the one that `skipped` names for all of them. */
export interface LimitedRows extends ReadRows {
  readonly overLimit: number;
}

/** CLUSTERER_MAX_MACHINES. Own rows do not count: they are no machines, and without them a cluster is not there. */
export interface MachineLimit {
  readonly maxMachines: number;
  readonly serverId: number;
}

/** The first rows, as many as may be loaded; the first of the others says in `skipped` how many were left out. */
export function limitMachines(rows: ReadRows, { maxMachines, serverId }: MachineLimit): LimitedRows {
  const { machines, skipped, repaired } = rows;
  if (machines.length <= maxMachines) return { ...rows, overLimit: 0 };
  let room = maxMachines;
  const fits = (machine: ReadMachine) => machine.machineId === serverId || room-- > 0;
  const [taken, left] = [[] as ReadMachine[], [] as ReadMachine[]];
  for (const machine of machines) (fits(machine) ? taken : left).push(machine);
  const [first] = left;
  if (first === undefined) return { ...rows, overLimit: 0 };
  const reason = `${left.length} rows from this one on are more than CLUSTERER_MAX_MACHINES, ${maxMachines}; raise it or remove rows`;
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
  const detail = `The table has ${maxMachines} machines, as many as CLUSTERER_MAX_MACHINES allows; raise it, or remove machines.`;
  return new ServiceError('too_many_machines', detail);
}
