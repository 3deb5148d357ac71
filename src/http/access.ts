import type { FastifyInstance } from 'fastify';
import { requireRole } from '../access.js';
import { ServiceError } from '../errors.js';

/** Asks every request of a route that has a role for a token of that role, before anything of it is read. */
export function useAccess(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const needed = request.routeOptions.config.role;
    if (needed === undefined) return void done();
    if (request.caller === undefined) {
      reply.header('www-authenticate', 'Bearer realm="clusterer"');
      throw new ServiceError('unauthorized', 'Send a valid token: Authorization: Bearer …');
    }
    requireRole(request.caller, needed);
    done();
  });
}
