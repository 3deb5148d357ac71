import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { invalidInput } from '../../schemas/validation.js';
import type { Routes } from '../answers/route-types.js';

const NO_PARAMETERS = Type.Object({});

/** Every route refuses parameters that it does not have, unless it says otherwise; a mistyped filter would show everything. Call it before the routes. */
export function useQueries(app: Routes): void {
  app.addHook('onRoute', (route) => {
    if (route.config?.anyQuery === true) return;
    const querystring = { ...Object(route.schema?.querystring ?? NO_PARAMETERS), additionalProperties: false };
    route.schema = { ...route.schema, querystring };
  });
}

/** Of a query that is not valid Fastify would take the text as it is. A path that is not never gets here. @throws `invalid_input` */
export function refuseUndecodable({ url }: FastifyRequest): void {
  if (!url.includes('%')) return;
  const [, ...query] = url.split(/[?&]/);
  const faulty = query.filter((parameter) => !isDecodable(parameter));
  if (faulty.length === 0) return;
  throw invalidInput(
    faulty.map((parameter) => ({
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
