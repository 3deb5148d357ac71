import { FIELDS } from '../names.js';
import { type MachineTable, updateEach } from './machine-table.js';
import { readRow } from './rows.js';

/** The table of OpenSIPS 2.2: it keeps tries and temporary disablings. */
export const TABLE_1: MachineTable = {
  version: 1,
  fields: FIELDS,
  refusesNull: true,
  read: readRow,

  create: (client, { priority: _, sipAddress: __, ...row }) =>
    client.machine.create({ data: { ...row, description: row.description ?? '' }, select: { clustererId: true } }),

  async update(client, clustererId, { priority: _, sipAddress: __, ...change }) {
    const { description } = change;
    const data = { ...change, ...(description !== undefined && { description: description ?? '' }) };
    const { count } = await client.machine.updateMany({ where: { clustererId }, data });
    // A row that this service writes holds no NULL afterwards, whoever put it there.
    if (description === undefined)
      await client.machine.updateMany({ where: { clustererId, description: null }, data: { description: '' } });
    return count;
  },

  remove: async (client, clustererId) => (await client.machine.deleteMany({ where: { clustererId } })).count,

  has: async (client, { clusterId, machineId }) =>
    (await client.machine.findFirst({ where: { clusterId, machineId }, select: { machineId: true } })) !== null,

  updateStates: (changes) =>
    updateEach(changes, [
      ['state', (change) => change.state],
      ['no_tries', (change) => change.noTries],
      ['last_attempt', (change) => BigInt(change.lastAttempt)],
    ]),
};
