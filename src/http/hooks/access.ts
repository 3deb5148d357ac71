import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import { ServiceError } from '../../ground/errors.js';
import { type Role, requireRole } from '../../security/tokens.js';

/** Requires the role of a route before the rest of a request is read. Call it before the routes are added. */
export function useAccess(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const needed = route.config?.role;
    if (needed !== undefined) route.onRequest = [roleCheck(needed), route.onRequest ?? []].flat();
  });
}

function roleCheck(needed: Role): onRequestHookHandler {
  return (request, reply, done) => {
    if (request.caller === undefined) {
      reply.header('www-authenticate', 'Bearer realm="clusterer"');
      throw new ServiceError('unauthorized', 'Send a valid token: Authorization: Bearer …');
    }
    requireRole(request.caller, needed);
    done();
  };
}
