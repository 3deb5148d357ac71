import { Type } from 'typebox';
import { type Caller, type Role, requireRole } from '../access.js';
import type { ServiceError } from '../errors.js';
import { type Refusals, whoOf } from '../refusals.js';
import {
  answer,
  asHttpStatus,
  type Failure,
  failure,
  InvalidParams,
  PARSE_ERROR,
  type Params,
  parseMessage,
  UnknownMethod,
} from '../rpc/json-rpc.js';
import { Id, ProtocolName } from '../schemas/common.js';
import { validatorOf } from '../schemas/validation.js';
import type { ClusterService } from '../service/cluster-service.js';
import { STATE_NUMBERS } from '../service/machine-rows.js';
import type { LogOf } from './request-log.js';
import { problems, type Routes } from './routes.js';

interface Method {
  readonly role: Role;
  /** The order of its parameters, when they come by position. */
  readonly names: readonly string[];
  run(params: Readonly<Record<string, unknown>>, caller: Caller): unknown;
}

/** The MI commands of the seed, for MI tools such as opensips-cli (contract, section 4). */
export function miRoutes(app: Routes, service: ClusterService, refusals: Refusals, logOf: LogOf): void {
  const methods = miMethods(service);
  app.register(async (scope) => {
    // The body is parsed by the route: a fault in it is an answer of JSON-RPC, not of REST.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      ['application/json', 'application/json-rpc'],
      { parseAs: 'string' },
      (_request, body, done) => done(null, body),
    );
    scope.post(
      '/mi',
      {
        config: { role: 'read' },
        schema: {
          operationId: 'callMi',
          summary: 'MI commands over JSON-RPC 2.0: which, clusterer_list, clusterer_reload, clusterer_set_status',
          tags: ['mi'],
          body: Type.Unknown({ description: 'A JSON-RPC 2.0 request, or a batch of them' }),
          response: {
            200: {
              description: 'A response, or the responses of a batch',
              content: { 'application/json': { schema: Type.Unknown() } },
            },
            204: Type.Null({ description: 'Only notifications' }),
            400: {
              description: 'Not JSON (error -32700)',
              content: { 'application/json': { schema: Type.Unknown() } },
            },
            default: problems().default,
          },
        },
      },
      async (request, reply) => {
        const message = parseMessage(request.body);
        if (message === undefined) return reply.code(400).send(failure(null, PARSE_ERROR));
        const call = (name: string, params: Params) => {
          const method = methods.get(name);
          if (method === undefined) throw new UnknownMethod(name);
          requireRole(request.caller, method.role);
          return method.run(byName(params, method.names), request.caller);
        };
        const onBug = (err: unknown) => logOf(request).error({ err }, 'an MI command failed');
        const answered = await answer(message, call, onBug, (error, method) => {
          refusals.failed('mi', error, whoOf(request), method);
          return explain(error);
        });
        return answered === null ? reply.code(204).send() : answered;
      },
    );
  });
}

function miMethods(service: ClusterService): ReadonlyMap<string, Method> {
  const list: Method = { role: 'read', names: [], run: () => ({ Clusterer: listed(service) }) };
  const reload: Method = {
    role: 'operate',
    names: [],
    run: async (_params, caller) => {
      await service.reloading.reload(caller.name);
      return 'OK';
    },
  };
  const setStatus: Method = {
    role: 'operate',
    names: ['cluster_id', 'machine_id', 'status', 'protocol'],
    run: async (params, caller) => {
      const { cluster_id, machine_id, status, protocol } = readStatus(params);
      const cell = service.machine(cluster_id, machine_id, protocol);
      await service.operating.setStatus(cell, { status: status === 1 ? 'up' : 'down' }, caller);
      return 'OK';
    },
  };
  const methods = new Map([
    ['clusterer_list', list],
    ['clusterer_reload', reload],
    ['clusterer_set_status', setStatus],
    ['clusterer:list', list],
    ['clusterer:reload', reload],
    ['clusterer:set_status', setStatus],
  ]);
  const names = [...methods.keys(), 'which'];
  return methods.set('which', { role: 'read', names: [], run: () => names });
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

/** MI tools send every number as text. */
const validateStatus = validatorOf(StatusParams, 'text');

function readStatus(params: Readonly<Record<string, unknown>>): Type.Static<typeof StatusParams> {
  const { node_id, ...named } = params;
  if (node_id !== undefined && named.machine_id !== undefined) {
    throw new InvalidParams([{ pointer: '/node_id', detail: 'is another name of machine_id: send one of them' }]);
  }
  const read = node_id === undefined ? named : { ...named, machine_id: node_id };
  const faults = validateStatus(read);
  if (faults.length > 0) throw new InvalidParams(faults);
  return read as Type.Static<typeof StatusParams>;
}

function byName(params: Params, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (isList(params)) {
    if (params.length <= names.length) return Object.fromEntries(params.map((value, index) => [names[index], value]));
    const detail = `is one parameter too many; there are ${names.length}`;
    throw new InvalidParams([{ pointer: `/${names.length}`, detail }]);
  }
  // Newer releases say node_id.
  const unknown = Object.keys(params).find((name) => !names.includes(name === 'node_id' ? 'machine_id' : name));
  if (unknown === undefined) return params;
  throw new InvalidParams([{ pointer: `/${unknown}`, detail: 'is not a parameter of this command' }]);
}

function isList(params: Params): params is readonly unknown[] {
  return Array.isArray(params);
}

/** In the spelling of 2.2's `clusterer_list`, with real remaining seconds. */
function listed(service: ClusterService): object[] {
  return service.clusters
    .flatMap((cluster) => cluster.machines)
    .map((cell) => {
      const { machine } = cell;
      return {
        'Clusterer ID': machine.clustererId,
        'Cluster ID': machine.clusterId,
        'Machine ID': machine.machineId,
        STATE: STATE_NUMBERS[machine.state],
        LAST_FAILED_ATTEMPT: machine.lastAttempt,
        MAX_FAILED_ATTEMPTS: machine.failedAttempts,
        NO_TRIES: machine.noTries,
        SECONDS_UNTIL_ENABLING: service.view(cell).seconds_until_enabling,
        PATH: machine.url,
        DESCRIPTION: machine.description || 'none',
      };
    });
}

/** A reload that fails is 500 here, as in the seed. */
function explain(error: ServiceError): Failure {
  const explained = asHttpStatus(error);
  return error.code === 'database_unavailable' ? { ...explained, code: 500, message: 'Failed to reload' } : explained;
}
