import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import { ServiceError } from '../../ground/errors.js';
import { type Role, requireRole } from '../../security/tokens.js';

/** Asks every request of a route that has a role for a token of that role, before anything of it is read. Call it before the routes. */
export function useAccess(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const needed = route.config?.role;
    if (needed !== undefined) route.onRequest = [accessOf(needed), route.onRequest ?? []].flat();
  });
}

function accessOf(needed: Role): onRequestHookHandler {
  return (request, reply, done) => {
    if (request.caller === undefined) {
      reply.header('www-authenticate', 'Bearer realm="clusterer"');
      throw new ServiceError('unauthorized', 'Send a valid token: Authorization: Bearer …');
    }
    requireRole(request.caller, needed);
    done();
  };
}
