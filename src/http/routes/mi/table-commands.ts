import { InvalidParams, type NamedParams, validParams } from '../../../rpc/json-rpc.js';
import { Id, ProtocolName } from '../../../schemas/common.js';
import { Type } from '../../../schemas/typebox.js';
import { validatorOf } from '../../../schemas/validation.js';
import type { ClusterService } from '../../../service/cluster-service.js';
import { STATE_NUMBERS } from '../../../service/table/machine-rows.js';
import type { MiCommand } from './command.js';

/** The lists of parameters of `clusterer_set_status`: 2.2 has `machine_id`, later releases `node_id`. */
export const STATUS_LISTS = ['machine_id', 'node_id'].flatMap((machine) => [
  ['cluster_id', machine, 'status'],
  ['cluster_id', machine, 'status', 'protocol'],
]);

/** The three MI commands of OpenSIPS 2.2, with its answers. */
export function tableCommands(service: ClusterService): Record<'list' | 'reload' | 'setStatus', MiCommand> {
  return {
    list: { role: 'read', lists: [[]], run: () => ({ Clusterer: machineList(service) }) },
    reload: {
      role: 'operate',
      lists: [[]],
      run: async (_params, caller) => {
        await service.loader.reload(caller);
        return 'OK';
      },
    },
    setStatus: {
      role: 'operate',
      lists: STATUS_LISTS,
      run: async (params, caller) => {
        const { cluster_id, machine_id, status, protocol } = statusParams(params);
        const target = { clusterId: cluster_id, machineId: machine_id, protocol };
        await service.status.setStatus(target, { status: status === 1 ? 'up' : 'down' }, caller);
        return 'OK';
      },
    },
  };
}

const StatusParams = Type.Object(
  {
    cluster_id: Id('cluster'),
    machine_id: Id('machine within the cluster'),
    status: Type.Unsafe<0 | 1>({ type: 'integer', enum: [0, 1] }),
    protocol: Type.Optional(ProtocolName),
  },
  { additionalProperties: false },
);

/** MI tools send all numbers as text. */
const validateStatus = validatorOf(StatusParams, 'text');

function statusParams(params: NamedParams): Type.Static<typeof StatusParams> {
  const { node_id, ...named } = params;
  if (node_id !== undefined && named.machine_id !== undefined) {
    throw new InvalidParams([{ pointer: '/node_id', detail: 'is another name for machine_id: send only one of them' }]);
  }
  return validParams(node_id === undefined ? named : { ...named, machine_id: node_id }, validateStatus);
}

/** Uses the names of 2.2's `clusterer_list`, but with the real remaining seconds. */
function machineList(service: ClusterService): object[] {
  return service.queries.machines({ limit: Number.POSITIVE_INFINITY }).nodes.map((machine) => ({
    'Clusterer ID': machine.clusterer_id,
    'Cluster ID': machine.cluster_id,
    'Machine ID': machine.machine_id,
    STATE: STATE_NUMBERS[machine.state],
    LAST_FAILED_ATTEMPT: machine.last_attempt,
    MAX_FAILED_ATTEMPTS: machine.failed_attempts,
    NO_TRIES: machine.no_tries,
    SECONDS_UNTIL_ENABLING: machine.seconds_until_enabling,
    PATH: machine.url,
    DESCRIPTION: machine.description || 'none',
  }));
}
