import { ServiceError } from '../../../ground/errors.js';
import { CallFailure, InvalidParams, type NamedParams } from '../../../rpc/json-rpc.js';
import { MOST_PARAMETERS } from '../../../schemas/fleet-calls.js';
import type { Caller } from '../../../security/tokens.js';
import type { ClusterService } from '../../../service/cluster-service.js';
import { integerParam, type MiCommand, namedParams, textParam } from './command.js';
import { STATUS_LISTS } from './table-commands.js';

/** What OpenSIPS 4.0 answers while its own node is disabled; it is not an error there. */
const DISABLED = 'Local node disabled';

/** The errors of 4.0 in place of those of the service. */
type Failures = Partial<Record<ServiceError['code'], readonly [code: number, message: string]>>;

const NOT_FOUND: Failures = {
  unknown_cluster: [404, 'Cluster id not found'],
  unknown_machine: [404, 'Node id not found'],
};
/** Machines of 2.2 take no commands: to 4.0 their cluster is an unknown one. */
const NOT_SENT: Failures = {
  unknown_cluster: [400, 'Send error'],
  unknown_machine: [400, 'Send error'],
  dialect_not_supported: [400, 'Send error'],
};
const NOT_REMOVED: Failures = {
  unknown_cluster: [400, 'Unknown cluster id'],
  unknown_machine: [400, 'Unknown node id'],
};

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
    const clusterId = integerParam(params, 'cluster_id');
    const machineId = machineParam(params) ?? options.serverId;
    const status = integerParam(params, 'status', 0, 1) === 1 ? 'up' : 'down';
    const protocol = 'protocol' in params ? textParam(params, 'protocol') : undefined;
    if (machineId === options.serverId && service.fleets.isMember(clusterId)) {
      await fleetCalls.setOwnEnabled(clusterId, status === 'up', caller);
      return 'OK';
    }
    await instead(NOT_FOUND, () => service.status.setStatus({ clusterId, machineId, protocol }, { status }, caller));
    return 'OK';
  };

  const sendMi = async (params: NamedParams, caller: Caller) => {
    const clusterId = integerParam(params, 'cluster_id');
    const machine_id = integerParam(params, 'destination');
    if (machine_id === options.serverId) throw new CallFailure(400, 'Local node specified as destination');
    const request = { command: textParam(params, 'cmd_name'), params: commandParams(params), machine_id };
    if (service.fleets.isOwnDisabled(clusterId)) return DISABLED;
    const { results } = await instead(NOT_SENT, () => fleetCalls.runMi(clusterId, request, caller));
    const error = results[0]?.error;
    if (error === 'unreachable') throw new CallFailure(400, 'Destination down');
    if (error !== undefined) throw new CallFailure(400, 'Send error', error);
    return 'OK';
  };

  const broadcastMi = async (params: NamedParams, caller: Caller) => {
    const clusterId = integerParam(params, 'cluster_id');
    const request = { command: textParam(params, 'cmd_name'), params: commandParams(params) };
    const local = find(request.command);
    if (local === undefined) throw new CallFailure(400, 'Command to be run not found');
    // As in 4.0 the command runs here even if there is nobody to send it to.
    if (service.fleets.isMember(clusterId) && !service.fleets.isOwnDisabled(clusterId)) {
      await fleetCalls.runMi(clusterId, request, caller);
    }
    return local.run(namedParams(request.params, local), caller);
  };

  const removeNode = async (params: NamedParams, caller: Caller) => {
    const clusterId = integerParam(params, 'cluster_id');
    const machineId = integerParam(params, 'node_id');
    const { view } = await instead(NOT_REMOVED, async () => queries.machine(clusterId, machineId));
    if (view.learned !== true) throw new CallFailure(400, 'Running in DB mode');
    await fleetCalls.removeNode(clusterId, machineId, caller);
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

/** The parameters of the command to run: texts, or numbers. */
function commandParams({ cmd_params = [] }: NamedParams): string[] {
  const isText = (value: unknown) => typeof value === 'string' || typeof value === 'number';
  const isList = Array.isArray(cmd_params) && cmd_params.length <= MOST_PARAMETERS;
  if (isList && cmd_params.every(isText)) return cmd_params.map(String);
  throw new InvalidParams([{ pointer: '/cmd_params', detail: `must be an array of at most ${MOST_PARAMETERS} texts` }]);
}

/** Does something; an error of the service becomes that of OpenSIPS. */
async function instead<T>(failures: Failures, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    const failure = thrown instanceof ServiceError ? failures[thrown.code] : undefined;
    throw failure === undefined ? thrown : new CallFailure(...failure);
  }
}
