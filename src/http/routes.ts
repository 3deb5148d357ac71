import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { TSchema } from 'typebox';
import type { Caller, Role } from '../access.js';
import { ref } from '../schemas/common.js';
import { Problem } from '../schemas/problem.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The role a caller needs; a route without one is open. */
    role?: Role;
    /** It holds no data, so it is sent whatever the `Origin`. */
    anyOrigin?: boolean;
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

const MEANINGS = {
  400: 'Bad input; `errors` names each field',
  401: 'A valid token is needed',
  403: 'The token does not allow this',
  404: 'Unknown cluster or machine',
  409: 'Conflicts with the table as it is',
  412: 'The machine has changed meanwhile; `machine` is its present state',
  503: 'The database cannot be reached; nothing was changed',
  '4XX': 'A request that is refused',
} as const;

/** What a route answers in JSON. */
export function answers<T extends TSchema>(description: string, schema: T & { readonly $id: string }) {
  return { description, content: { 'application/json': { schema: ref(schema) } } };
}

/** The problem answers of a route: those it names, and the general ones (access, methods, media types) as default. */
export function problems(...statuses: (keyof typeof MEANINGS)[]) {
  const content = { 'application/problem+json': { schema: ref(Problem) } };
  const named = statuses.map((status) => [status, { description: MEANINGS[status], content }]);
  return { ...Object.fromEntries(named), default: { description: 'Any other problem', content } };
}
