import { ServiceError } from '../../../ground/errors.js';
import { CallFailure, InvalidParams, type NamedParams } from '../../../rpc/json-rpc.js';
import { MOST_PARAMETERS } from '../../../schemas/fleet-calls.js';
import type { Caller } from '../../../security/tokens.js';
import type { ClusterService } from '../../../service/cluster-service.js';
import { integerParam, type MiCommand, namedParams, textParam } from './command.js';
import { STATUS_LISTS } from './table-commands.js';

/** What OpenSIPS 4.0 answers while its own node is disabled; it is not an error there. */
const DISABLED = 'Local node disabled';

/**
 * The commands of OpenSIPS 4.0 that change a fleet or send to its machines, with the errors of 4.0 (docs/opensips.md).
 * @param find returns a command that `broadcast_mi` runs here too
 */
export function fleetChanges(
  service: ClusterService,
  find: (name: string) => MiCommand | undefined,
): Record<'setStatus' | 'sendMi' | 'broadcastMi' | 'removeNode', MiCommand> {
  const { fleetCalls, queries, options } = service;

  const setStatus = async (params: NamedParams, caller: Caller) => {
    const clusterId = await knownCluster(service, integerParam(params, 'cluster_id'), 404, 'Cluster id not found');
    const machineId = machineParam(params) ?? options.serverId;
    const status = integerParam(params, 'status', 0, 1) === 1 ? 'up' : 'down';
    if (machineId === options.serverId && service.fleets.isMember(clusterId)) {
      fleetCalls.setOwnEnabled(clusterId, status === 'up', caller);
      return 'OK';
    }
    const target = { clusterId, machineId, protocol: 'protocol' in params ? textParam(params, 'protocol') : undefined };
    await instead('unknown_machine', 404, 'Node id not found', () =>
      service.status.setStatus(target, { status }, caller),
    );
    return 'OK';
  };

  const sendMi = async (params: NamedParams, caller: Caller) => {
    const clusterId = await knownCluster(service, integerParam(params, 'cluster_id'), 404, 'Cluster id not found');
    const machine_id = integerParam(params, 'destination');
    const request = { command: textParam(params, 'cmd_name'), params: commandParams(params) };
    if (machine_id === options.serverId) throw new CallFailure(400, 'Local node specified as destination');
    if (!service.fleets.isOwnEnabled(clusterId)) return DISABLED;
    const { results } = await instead('unknown_machine', 400, 'Send error', () =>
      fleetCalls.runMi(clusterId, { ...request, machine_id }, caller),
    );
    const error = results[0]?.error;
    if (error === 'unreachable') throw new CallFailure(400, 'Destination down');
    if (error !== undefined) throw new CallFailure(400, 'Send error', error);
    return 'OK';
  };

  const broadcastMi = async (params: NamedParams, caller: Caller) => {
    const clusterId = await knownCluster(service, integerParam(params, 'cluster_id'), 404, 'Cluster id not found');
    const request = { command: textParam(params, 'cmd_name'), params: commandParams(params) };
    const local = find(request.command);
    if (local === undefined) throw new CallFailure(400, 'Command to be run not found');
    if (service.fleets.isOwnEnabled(clusterId)) await fleetCalls.runMi(clusterId, request, caller);
    return local.run(namedParams(request.params, local), caller);
  };

  const removeNode = async (params: NamedParams, caller: Caller) => {
    const clusterId = await knownCluster(service, integerParam(params, 'cluster_id'), 400, 'Unknown cluster id');
    const machineId = integerParam(params, 'node_id');
    const find = async () => queries.machine(clusterId, machineId);
    const { view } = await instead('unknown_machine', 400, 'Unknown node id', find);
    if (view.learned !== true) throw new CallFailure(400, 'Running in DB mode');
    fleetCalls.removeNode(clusterId, machineId, caller);
    return 'OK';
  };

  const messageLists = (names: readonly string[]) => [names, [...names, 'cmd_params']];
  return {
    setStatus: { role: 'operate', lists: [['cluster_id', 'status'], ...STATUS_LISTS.toReversed()], run: setStatus },
    sendMi: { role: 'operate', lists: messageLists(['cluster_id', 'destination', 'cmd_name']), run: sendMi },
    broadcastMi: { role: 'operate', lists: messageLists(['cluster_id', 'cmd_name']), run: broadcastMi },
    removeNode: { role: 'operate', lists: [['cluster_id', 'node_id']], run: removeNode },
  };
}

/** 2.2 has `machine_id`, later releases `node_id`; null: neither was given. */
function machineParam(params: NamedParams): number | null {
  const names = ['machine_id', 'node_id'].filter((name) => params[name] !== undefined);
  if (names.length === 2) {
    throw new InvalidParams([{ pointer: '/node_id', detail: 'is another name for machine_id: send only one of them' }]);
  }
  return names[0] === undefined ? null : integerParam(params, names[0]);
}

/** The parameters of the command to run: texts. */
function commandParams({ cmd_params = [] }: NamedParams): string[] {
  if (Array.isArray(cmd_params) && cmd_params.length <= MOST_PARAMETERS) return cmd_params.map(String);
  throw new InvalidParams([{ pointer: '/cmd_params', detail: `must be an array of at most ${MOST_PARAMETERS} texts` }]);
}

async function knownCluster(
  { queries }: ClusterService,
  clusterId: number,
  code: number,
  message: string,
): Promise<number> {
  const { cluster_id } = await instead('unknown_cluster', code, message, async () => queries.cluster(clusterId));
  return cluster_id;
}

/** Does something; an error of the service becomes that of OpenSIPS. */
async function instead<T>(
  error: ServiceError['code'],
  code: number,
  message: string,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    if (thrown instanceof ServiceError && thrown.code === error) throw new CallFailure(code, message);
    throw thrown;
  }
}
