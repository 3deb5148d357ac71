import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import { ServiceError } from '../../ground/errors.js';
import { exampleOf, ref } from '../../schemas/common.js';
import { MachineView } from '../../schemas/machine.js';
import { Problem, problemOf } from '../../schemas/problem.js';
import { TagView } from '../../schemas/tags.js';
import { type TSchema, Type } from '../../schemas/typebox.js';
import { invalidInput } from '../../schemas/validation.js';
import type { Caller, Role } from '../../security/tokens.js';
import type { Remote } from '../remote/remote.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The role that a caller needs; a route without one is open. */
    role?: Role;
    /** Contains no data, so any `Origin` may read it. */
    anyOrigin?: boolean;
    /** Unknown query parameters are ignored. */
    anyQuery?: boolean;
  }
  /** What docgen reads of a route. Its swagger plugin declares the same; the service does not load it. */
  interface FastifySchema {
    /** Not in the document. */
    hide?: boolean;
    operationId?: string;
    summary?: string;
    description?: string;
    tags?: readonly string[];
  }
  interface FastifyRequest {
    /** Set before any handler of a route that has a role. Undefined without a valid token where one is required. */
    caller: Caller;
    /** Where the request comes from. Set before anything else. */
    remote: Remote;
    /** The name of the token, otherwise the network: limits count per client. */
    client: string;
  }
}

/** The Fastify instance that a resource file adds its routes to. */
export type Routes = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** For pages and their files: mail programs, chats and proxies add query parameters to links, and browser extensions to files. */
export const OPEN_TO_ALL = { anyOrigin: true, anyQuery: true };

/** The meaning and an example of each status. */
const PROBLEMS = {
  400: ['Invalid input; `errors` names each field', invalidInput([{ pointer: '/cluster_id', detail: 'must be >= 1' }])],
  401: ['Valid token required', new ServiceError('unauthorized', 'Send a valid token: Authorization: Bearer …')],
  403: [
    'Insufficient role, or host or origin not allowed',
    new ServiceError('forbidden', 'This needs a token of the role operate; yours has read.'),
  ],
  404: [
    'Unknown cluster or machine',
    new ServiceError('unknown_machine', 'Cluster 1 has no machine 9; GET /clusters/1/machines lists them.'),
  ],
  409: [
    'Conflict with the current table',
    new ServiceError('duplicate_machine', 'Cluster 1 already has machine 2; PUT changes it.'),
  ],
  412: [
    'The machine has changed; `machine` is its current state',
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
    'The database is unavailable; nothing was changed',
    new ServiceError('database_unavailable', 'The database cannot be reached; restore it, then repeat the call.'),
  ],
  504: [
    'The machine has not announced in time that it is active; `tag` is what is known',
    new ServiceError(
      'tag_not_confirmed',
      'Machine 2 has not announced that it is active for vip. The service tries again when its link comes up or another machine is active; GET /clusters/1/tags shows the result.',
      { tag: exampleOf(TagView) },
    ),
  ],
  default: ['Any other error', new ServiceError('body_too_large', 'Send a body of at most CLUSTERER_HTTP_BODY_BYTES.')],
} as const;

/** A response in JSON. */
export function jsonResponse<T extends TSchema>(description: string, schema: T & { readonly $id: string }) {
  return { description, content: { 'application/json': { schema: ref(schema), example: exampleOf(schema) } } };
}

/** The content of a response as text. */
export function textContent(mediaType: string, example: string) {
  return { [mediaType]: { schema: Type.String(), example } };
}

/** The error responses of a route: those of these statuses, and one for all others. */
export function problems(...statuses: Exclude<keyof typeof PROBLEMS, 'default'>[]) {
  const responses = [...statuses, 'default' as const].map((status) => {
    const [description, error] = PROBLEMS[status];
    const content = { 'application/problem+json': { schema: ref(Problem), example: problemOf(error) } };
    return [status, { description, content }];
  });
  return Object.fromEntries(responses);
}
