import { InvalidParams, type NamedParams, type Params, UnknownMethod, validParams } from '../rpc/json-rpc.js';
import { RULE, type Rule } from '../schemas/common.js';
import type { RegisterAnswer, RegisterParams } from '../schemas/registration.js';
import {
  SOCKET_METHODS,
  SOCKET_PARAMS,
  SOCKET_ROLES,
  type SocketAnswers,
  type SocketMethod,
  type SocketParams,
} from '../schemas/socket.js';
import { validatorOf } from '../schemas/validation.js';
import { requireRole } from '../security/tokens.js';
import { addressFaults } from '../service/calls/check-address.js';
import type { ClusterService } from '../service/cluster-service.js';
import { registeredMachines } from '../service/views/views.js';
import type { RequestContext } from './request.js';

type Method<M extends SocketMethod> = (
  params: SocketParams[M],
  context: RequestContext,
) => SocketAnswers[M] | Promise<SocketAnswers[M]>;
type Methods = { readonly [M in SocketMethod]: Method<M> };

/** The requests of a socket; parameters and results are those of REST. */
function socketMethods(service: ClusterService): Methods {
  return {
    register_module: (params, context) => register(params, context, service),
    unregister_module: async ({ registration }, context) => {
      await context.unregister(registration);
      return {};
    },
    resync: ({ registration }, context) => context.resync(registration),
    send_to: async ({ cluster_id, ...body }) => ({ results: await service.modules.sendTo(cluster_id, body) }),
    get_nodes: ({ cluster_id, protocol }) => ({ nodes: service.modules.upMachines(cluster_id, protocol) }),
    set_state: async ({ cluster_id, machine_id, state, protocol }, { caller }) => {
      const target = { clusterId: cluster_id, machineId: machine_id, protocol };
      return (await service.status.setState(target, state, caller)).view;
    },
    check: ({ cluster_id, address, server_id, protocol }) => ({
      known: service.modules.check(cluster_id, address, server_id, protocol),
    }),
    list_nodes: (filter) => service.queries.machines(filter),
    get_topology: ({ cluster_id }) => service.fleets.topology(cluster_id),
    list_capabilities: ({ cluster_id }) => service.fleets.capabilities(cluster_id),
    run_mi: ({ cluster_id, ...body }, { caller }) => service.fleetCalls.runMi(cluster_id, body, caller),
    send_message: ({ cluster_id, ...body }, { caller }) => service.fleetCalls.sendMessage(cluster_id, body, caller),
    list_tags: ({ cluster_id }) => service.tags.list(cluster_id),
    set_tag: ({ cluster_id, tag, ...body }, { caller }) => service.tags.set(cluster_id, tag, body, caller),
    release_tag: async ({ cluster_id, tag }, { caller }) => {
      await service.tags.release(cluster_id, tag, caller);
      return {};
    },
    watch: ({ cluster_id }, context) => context.watch(cluster_id ?? null),
    unwatch: ({ cluster_id }, context) => {
      context.unwatch(cluster_id ?? null);
      return {};
    },
    get_my_id: () => ({ server_id: service.options.serverId }),
    ping: () => 'pong',
  };
}

/** Runs a request of any name. @throws `UnknownMethod`, `InvalidParams`, `ServiceError` */
export function socketCalls(
  service: ClusterService,
): (context: RequestContext, method: string, params: Params) => unknown {
  const methods = socketMethods(service);
  const calls = new Map<string, Call>(SOCKET_METHODS.map((name) => [name, callOf(methods, name)]));
  return (context, name, params) => {
    const call = calls.get(name);
    if (call === undefined) throw new UnknownMethod(name);
    return call(params, context);
  };
}

/** What the schemas of the parameters cannot check. */
const RULES: Partial<Readonly<Record<SocketMethod, Rule>>> = { check: addressFaults };

type Call = (params: Params, context: RequestContext) => unknown;

/** A method behind the check of its role and its parameters. */
function callOf<M extends SocketMethod>(methods: Methods, name: M): Call {
  const run = methods[name];
  const rule = RULES[name];
  const schema = SOCKET_PARAMS[name];
  const validate = validatorOf(rule === undefined ? schema : { ...schema, [RULE]: rule });
  return (params, context) => {
    requireRole(context.caller, SOCKET_ROLES[name]);
    return run(validParams<SocketParams[M]>(byName(params), validate), context);
  };
}

/** Parameters go by name; an empty list is no parameters. */
function byName(params: Params): NamedParams {
  if (!Array.isArray(params)) return params as NamedParams;
  if (params.length === 0) return {};
  throw new InvalidParams([{ pointer: '', detail: 'must be an object: parameters go by name' }]);
}

async function register(
  params: RegisterParams,
  context: RequestContext,
  service: ClusterService,
): Promise<RegisterAnswer> {
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
    sync: params.sync === true,
    decode: params.decode === true,
  };
  const { log, resumed } = await context.register(request, params.resume);
  const machines = registeredMachines(log);
  const { number } = log.registration;
  return { registration: log.id, number, epoch: service.epoch, seq: log.sentSeq, machines, ...resumed };
}
