import type { FieldFault } from '../ground/errors.js';
import { InvalidParams, type Params, UnknownMethod } from '../rpc/json-rpc.js';
import type { RegisterAnswer, RegisterParams } from '../schemas/registration.js';
import { SOCKET_PARAMS, type SocketAnswers, type SocketMethod, type SocketParams } from '../schemas/socket.js';
import { type Validate, validatorOf } from '../schemas/validation.js';
import { type Role, requireRole } from '../security/tokens.js';
import type { ClusterService } from '../service/cluster-service.js';
import { registeredMachines } from '../service/views/views.js';
import type { Asker } from './request.js';

export interface Method<M extends SocketMethod> {
  readonly role: Role;
  run(params: SocketParams[M], asker: Asker): SocketAnswers[M] | Promise<SocketAnswers[M]>;
}

/** What a socket may ask; parameters and answers as in REST. */
export function socketMethods(service: ClusterService): { readonly [M in SocketMethod]: Method<M> } {
  return {
    register_module: { role: 'module', run: (params, asker) => register(params, asker, service) },
    unregister_module: {
      role: 'module',
      run: ({ registration }, asker) => {
        asker.unregister(registration);
        return {};
      },
    },
    send_to: {
      role: 'module',
      run: async ({ cluster_id, ...body }) => ({ results: await service.modules.sendTo(cluster_id, body) }),
    },
    get_nodes: {
      role: 'read',
      run: ({ cluster_id, protocol }) => ({ nodes: service.modules.upMachines(cluster_id, protocol) }),
    },
    set_state: {
      role: 'module',
      run: async ({ cluster_id, machine_id, state, protocol }, { caller }) => {
        const target = { clusterId: cluster_id, machineId: machine_id, protocol };
        return (await service.status.setState(target, state, caller)).view;
      },
    },
    check: {
      role: 'read',
      run: ({ cluster_id, address, server_id, protocol }) => ({
        known: service.modules.check(cluster_id, address, server_id, protocol),
      }),
    },
    list_nodes: {
      role: 'read',
      run: (filter) => service.queries.machines(filter),
    },
    watch: { role: 'read', run: ({ cluster_id }, asker) => asker.watch(cluster_id ?? null) },
    unwatch: {
      role: 'read',
      run: ({ cluster_id }, asker) => {
        asker.unwatch(cluster_id ?? null);
        return {};
      },
    },
    get_my_id: { role: 'read', run: () => ({ server_id: service.options.serverId }) },
    ping: { role: 'read', run: () => 'pong' },
  };
}

/** Makes what answers each request. @throws `UnknownMethod`, `InvalidParams`, `ServiceError` */
export function socketCalls(service: ClusterService): (asker: Asker, method: string, params: Params) => unknown {
  const methods = new Map(Object.entries(socketMethods(service)) as [SocketMethod, Method<SocketMethod>][]);
  const validators = new Map(Object.entries(SOCKET_PARAMS).map(([name, schema]) => [name, validatorOf(schema)]));
  return (asker, name, params) => {
    const method = methods.get(name as SocketMethod);
    const validate = validators.get(name);
    if (method === undefined || validate === undefined) throw new UnknownMethod(name);
    requireRole(asker.caller, method.role);
    return method.run(checked(params, validate), asker);
  };
}

/** Parameters go by name; an empty list is no parameters. */
function checked(params: Params, validate: Validate): never {
  if (Array.isArray(params) && params.length > 0) {
    throw new InvalidParams([{ pointer: '', detail: 'must be an object: parameters go by name' }]);
  }
  const named = Array.isArray(params) ? {} : params;
  const faults: readonly FieldFault[] = validate(named);
  if (faults.length > 0) throw new InvalidParams(faults);
  return named as never;
}

function register(params: RegisterParams, asker: Asker, service: ClusterService): RegisterAnswer {
  const authCheck = params.auth_check === true || params.auth_check === 1;
  if (params.cluster_id === 0 && authCheck) {
    const detail = 'must be 1 or more while auth_check is on: there is no cluster to check against';
    throw new InvalidParams([{ pointer: '/cluster_id', detail }]);
  }
  const keepalive = params.keepalive_seconds ?? 0;
  if (params.cluster_id === 0 && keepalive > 0) {
    const detail = 'needs a cluster_id of 1 or more: there is no cluster to send to';
    throw new InvalidParams([{ pointer: '/keepalive_seconds', detail }]);
  }
  const request = {
    module: params.module,
    protocol: params.protocol.toLowerCase(),
    clusterId: params.cluster_id,
    timeoutMs: Math.round(params.timeout * 1000),
    authCheck,
    keepaliveMs: Math.round(keepalive * 1000),
  };
  const { log, resumed } = asker.register(request, params.resume);
  const machines = registeredMachines(log);
  const { number } = log.registration;
  return { registration: log.id, number, epoch: service.epoch, seq: log.sentSeq, machines, ...resumed };
}
