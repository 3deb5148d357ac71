import type { FastifyRequest } from 'fastify';
import { Type } from '../../schemas/typebox.js';
import { invalidInput } from '../../schemas/validation.js';
import type { Routes } from '../answers/route-types.js';

const NO_PARAMETERS = Type.Object({});

/** Refuses unknown query parameters, unless a route allows them: a mistyped filter would return everything. Call it before the routes are added. */
export function useQueries(app: Routes): void {
  app.addHook('onRoute', (route) => {
    if (route.config?.anyQuery === true) return;
    const querystring = { ...Object(route.schema?.querystring ?? NO_PARAMETERS), additionalProperties: false };
    route.schema = { ...route.schema, querystring };
  });
}

/** Fastify would take an invalid query as plain text. It refuses an invalid path itself. @throws `invalid_input` */
export function refuseUndecodable({ url }: FastifyRequest): void {
  if (!url.includes('%')) return;
  const [, ...query] = url.split(/[?&]/);
  const invalid = query.filter((parameter) => !isDecodable(parameter));
  if (invalid.length === 0) return;
  throw invalidInput(
    invalid.map((parameter) => ({
      pointer: `/${parameter.split('=', 1)[0]}`,
      detail: 'is not percent-encoded UTF-8',
    })),
  );
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
