import { Type } from 'typebox';
import { ServiceError } from '../../ground/errors.js';
import { InvalidParams, type NamedParams, type Params, validParams } from '../../rpc/json-rpc.js';
import { Id, ProtocolName } from '../../schemas/common.js';
import { validatorOf } from '../../schemas/validation.js';
import type { Caller, Role } from '../../security/tokens.js';
import type { ClusterService } from '../../service/cluster-service.js';
import { STATE_NUMBERS } from '../../service/table/machine-rows.js';

export interface MiCommand {
  readonly role: Role;
  /** Alternative lists of parameter names, as `which` returns them. Positional parameters follow the list of the same length. */
  readonly lists: readonly (readonly string[])[];
  run(params: NamedParams, caller: Caller): unknown;
}

/** Returns the commands by name. */
export function miCommands(service: ClusterService): ReadonlyMap<string, MiCommand> {
  const list: MiCommand = { role: 'read', lists: [[]], run: () => ({ Clusterer: machineList(service) }) };
  const reload: MiCommand = {
    role: 'operate',
    lists: [[]],
    run: async (_params, caller) => {
      await service.loader.reload(caller);
      return 'OK';
    },
  };
  const setStatus: MiCommand = {
    role: 'operate',
    // Newer releases of OpenSIPS use node_id.
    lists: ['machine_id', 'node_id'].flatMap((machine) => [
      ['cluster_id', machine, 'status'],
      ['cluster_id', machine, 'status', 'protocol'],
    ]),
    run: async (params, caller) => {
      const { cluster_id, machine_id, status, protocol } = statusParams(params);
      const target = { clusterId: cluster_id, machineId: machine_id, protocol };
      await service.status.setStatus(target, { status: status === 1 ? 'up' : 'down' }, caller);
      return 'OK';
    },
  };
  const commands = new Map([
    ['clusterer_list', list],
    ['clusterer_reload', reload],
    ['clusterer_set_status', setStatus],
    ['clusterer:list', list],
    ['clusterer:reload', reload],
    ['clusterer:set_status', setStatus],
  ]);
  return commands.set('which', {
    role: 'read',
    lists: [[], ['command']],
    run: (params) => which(commands, params),
  });
}

/**
 * Returns the parameters by name; they may come by position.
 * @throws `InvalidParams` for too many parameters or an unknown name
 */
export function namedParams(params: Params, { lists }: MiCommand): NamedParams {
  if (isList(params)) {
    const longest = lists.reduce((found, list) => (list.length > found.length ? list : found), []);
    const names = lists.find((list) => list.length === params.length) ?? longest;
    if (params.length <= names.length) return Object.fromEntries(params.map((value, index) => [names[index], value]));
    const detail = `is one parameter too many; the command has ${names.length}`;
    throw new InvalidParams([{ pointer: `/${names.length}`, detail }]);
  }
  const known = new Set(lists.flat());
  const unknown = Object.keys(params).find((name) => !known.has(name));
  if (unknown === undefined) return params;
  throw new InvalidParams([{ pointer: `/${unknown}`, detail: 'is not a parameter of this command' }]);
}

function isList(params: Params): params is readonly unknown[] {
  return Array.isArray(params);
}

const validateWhich = validatorOf(Type.Object({ command: Type.Optional(Type.String()) }), 'text');

/** Returns the names of all commands, or the parameter lists of one. opensips-cli needs them for completion at TAB. */
function which(commands: ReadonlyMap<string, MiCommand>, params: NamedParams): MiCommand['lists'] | string[] {
  const { command } = validParams<{ command?: string }>(params, validateWhich);
  if (command === undefined) return [...commands.keys()];
  const found = commands.get(command);
  if (found === undefined)
    throw new ServiceError('unknown_command', 'Call which without parameters to list all commands.');
  return found.lists;
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
