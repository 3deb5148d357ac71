import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { ServiceError } from '../../ground/errors.js';
import { exampleOf, ref } from '../../schemas/common.js';
import { MachineView } from '../../schemas/machine.js';
import { Problem, problemOf } from '../../schemas/problem.js';
import { invalidInput } from '../../schemas/validation.js';
import type { Caller, Role } from '../../security/tokens.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The role a caller needs; a route without one is open. */
    role?: Role;
    /** It holds no data, so it is sent whatever the `Origin`. */
    anyOrigin?: boolean;
    /** Parameters that it does not know are ignored. */
    anyQuery?: boolean;
  }
  interface FastifyRequest {
    /** Who asks; set before any handler of a route that has a role. Not there without a valid token where one is needed. */
    caller: Caller;
    /** Whose share of the limits it uses up: the name of the token, else the address. */
    client: string;
  }
}

/** What a resource file adds its routes to. */
export type Routes = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Of each status: what it means, and an example. */
const PROBLEMS = {
  400: ['Bad input; `errors` names each field', invalidInput([{ pointer: '/cluster_id', detail: 'must be >= 1' }])],
  401: ['A valid token is needed', new ServiceError('unauthorized', 'Send a valid token: Authorization: Bearer …')],
  403: [
    'The token, the host or the origin does not allow this',
    new ServiceError('forbidden', 'This needs the role operate; the token cli has the role read.'),
  ],
  404: [
    'Unknown cluster or machine',
    new ServiceError('unknown_machine', 'Cluster 1 has no machine 9; GET /clusters/1/machines lists them.'),
  ],
  409: [
    'Conflicts with the table as it is',
    new ServiceError('duplicate_machine', 'Cluster 1 already has machine 2; PUT changes it.'),
  ],
  412: [
    'The machine has changed meanwhile; `machine` is its present state',
    new ServiceError(
      'precondition_failed',
      'If-Match does not name the current version of the machine. Read it again and send its ETag.',
      { machine: exampleOf(MachineView) },
    ),
  ],
  415: [
    'The body is not JSON in UTF-8, or is compressed',
    new ServiceError('unsupported_media_type', 'Send JSON, with Content-Type: application/json.'),
  ],
  503: [
    'The database cannot be reached; nothing was changed',
    new ServiceError('database_unavailable', 'The database cannot be reached; bring it back, then repeat the call.'),
  ],
  default: [
    'Any other problem',
    new ServiceError('body_too_large', 'Send a body of at most CLUSTERER_HTTP_BODY_BYTES.'),
  ],
} as const;

/** What a route returns in JSON. */
export function answers<T extends TSchema>(description: string, schema: T & { readonly $id: string }) {
  return { description, content: { 'application/json': { schema: ref(schema), example: exampleOf(schema) } } };
}

/** What a route returns as text. */
export function textAnswer(mediaType: string, example: string) {
  return { [mediaType]: { schema: Type.String(), example } };
}

/** The problem answers of a route: those it names, and the general ones (access, methods, media types) as default. */
export function problems(...statuses: Exclude<keyof typeof PROBLEMS, 'default'>[]) {
  const told = [...statuses, 'default' as const].map((status) => {
    const [description, error] = PROBLEMS[status];
    const content = { 'application/problem+json': { schema: ref(Problem), example: problemOf(error) } };
    return [status, { description, content }];
  });
  return Object.fromEntries(told);
}
