import type { FieldFault } from '../ground/errors.js';
import { InvalidParams, type Params, UnknownMethod } from '../rpc/json-rpc.js';
import type { RegisterAnswer, RegisterParams } from '../schemas/registration.js';
import { SOCKET_PARAMS, type SocketAnswers, type SocketMethod, type SocketParams } from '../schemas/socket.js';
import { type Validate, validatorOf } from '../schemas/validation.js';
import { type Role, requireRole } from '../security/tokens.js';
import type { ClusterService } from '../service/cluster-service.js';
import { listMachines } from '../service/views/machine-list.js';
import { watchesOf } from '../service/views/views.js';
import type { RequestContext } from './request.js';

export interface Method<M extends SocketMethod> {
  readonly role: Role;
  run(params: SocketParams[M], context: RequestContext): SocketAnswers[M] | Promise<SocketAnswers[M]>;
}

/** The methods of a socket; parameters and results are those of REST. */
export function socketMethods(service: ClusterService): { readonly [M in SocketMethod]: Method<M> } {
  return {
    register_module: { role: 'module', run: (params, context) => register(params, context, service) },
    unregister_module: {
      role: 'module',
      run: ({ registration }, context) => {
        context.unregister(registration);
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
        const cell = service.machine(cluster_id, machine_id, protocol);
        await service.operating.setState(cell, state, caller);
        return service.view(cell);
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
      run: (filter) => {
        const { cells, nextCursor } = listMachines(service.clusters, filter);
        return { nodes: cells.map((cell) => service.view(cell)), next_cursor: nextCursor };
      },
    },
    watch: { role: 'read', run: ({ cluster_id }, context) => context.watch(cluster_id ?? null) },
    unwatch: {
      role: 'read',
      run: ({ cluster_id }, context) => {
        context.unwatch(cluster_id ?? null);
        return {};
      },
    },
    get_my_id: { role: 'read', run: () => ({ server_id: service.options.serverId }) },
    ping: { role: 'read', run: () => 'pong' },
  };
}

/** Returns a function that runs a method by its name. @throws `UnknownMethod`, `InvalidParams`, `ServiceError` */
export function socketCalls(
  service: ClusterService,
): (context: RequestContext, method: string, params: Params) => unknown {
  const methods = new Map(Object.entries(socketMethods(service)) as [SocketMethod, Method<SocketMethod>][]);
  const validators = new Map(Object.entries(SOCKET_PARAMS).map(([name, schema]) => [name, validatorOf(schema)]));
  return (context, name, params) => {
    const method = methods.get(name as SocketMethod);
    const validate = validators.get(name);
    if (method === undefined || validate === undefined) throw new UnknownMethod(name);
    requireRole(context.caller, method.role);
    return method.run(checked(params, validate), context);
  };
}

/** Parameters go by name; an empty list means none. */
function checked(params: Params, validate: Validate): never {
  if (Array.isArray(params) && params.length > 0) {
    throw new InvalidParams([{ pointer: '', detail: 'must be an object: parameters go by name' }]);
  }
  const named = Array.isArray(params) ? {} : params;
  const faults: readonly FieldFault[] = validate(named);
  if (faults.length > 0) throw new InvalidParams(faults);
  return named as never;
}

function register(params: RegisterParams, context: RequestContext, service: ClusterService): RegisterAnswer {
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
  const { log, resumed } = context.register(request, params.resume);
  const machines = watchesOf(log).map((watch) => ({
    machine_id: watch.cell.machine.machineId,
    reception: watch.reception,
  }));
  const { number } = log.registration;
  return { registration: log.id, number, epoch: service.epoch, seq: log.sentSeq, machines, ...resumed };
}
