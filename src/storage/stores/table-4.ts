import type { MachineRowChange } from '../../service/ports/machine-store.js';
import { FIELDS_4 } from '../names.js';
import { type MachineTable, updateEach } from './machine-table.js';
import { readRow4 } from './rows.js';

/**
 * Table version 4, of OpenSIPS 2.4 to 4.0. It keeps no tries and no temporary disablings: `state` is 1 for enabled and 0 for disabled.
 * @param duration of every row, in seconds: the table has no such column
 */
export function table4(duration: number): MachineTable {
  return {
    version: 4,
    fields: FIELDS_4,
    refusesNull: false,
    read: (row) => readRow4(row, duration),

    create: (client, { clusterId, machineId, url, state, ...rest }) =>
      client.node.create({
        data: { clusterId, machineId, url, state: enabled(state), ...columnsOf(rest) },
        select: { clustererId: true },
      }),

    update: async (client, clustererId, { url, state, ...rest }) => {
      const data = {
        ...(url !== undefined && { url }),
        ...(state !== undefined && { state: enabled(state) }),
        ...columnsOf(rest),
      };
      return (await client.node.updateMany({ where: { clustererId }, data })).count;
    },

    remove: async (client, clustererId) => (await client.node.deleteMany({ where: { clustererId } })).count,

    has: async (client, { clusterId, machineId }) =>
      (await client.node.findFirst({ where: { clusterId, machineId }, select: { machineId: true } })) !== null,

    updateStates: (changes) => updateEach(changes, [['state', (change) => enabled(change.state)]]),
  };
}

/** A temporary disabling is in memory only. */
function enabled(state: number): 0 | 1 {
  return state === 0 ? 0 : 1;
}

/** What is left out keeps its value, or gets the default of the column. */
function columnsOf({ description, failedAttempts, priority, sipAddress }: MachineRowChange) {
  return {
    ...(description !== undefined && { description }),
    ...(failedAttempts !== undefined && { failedAttempts }),
    ...(priority !== undefined && { priority }),
    ...(sipAddress !== undefined && { sipAddress }),
  };
}
