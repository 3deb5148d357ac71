import type { FastifyInstance, FastifyRequest } from 'fastify';
import { requireRole, type Tokens } from '../access.js';
import { ServiceError } from '../errors.js';

/** The subprotocol under which a browser, which cannot set headers on a socket, offers its token. */
const BEARER_SUBPROTOCOL = 'bearer.';

/** Asks every request of a route that has a role for a token of that role, before anything of it is read. */
export function useAccess(app: FastifyInstance, tokens: Tokens): void {
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request, reply) => {
    const needed = request.routeOptions.config.role;
    if (needed === undefined) return;
    const caller = tokens.caller(tokenOf(request));
    if (caller === null) {
      reply.header('www-authenticate', 'Bearer realm="clusterer"');
      throw new ServiceError('unauthorized', 'Send a valid token: Authorization: Bearer …');
    }
    request.caller = caller;
    requireRole(caller, needed);
  });
}

function tokenOf(request: FastifyRequest): string | null {
  const [, token] = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? [];
  if (token !== undefined) return token;
  const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
  const bearer = offered?.find((name) => name.startsWith(BEARER_SUBPROTOCOL));
  return bearer === undefined ? null : Buffer.from(bearer.slice(BEARER_SUBPROTOCOL.length), 'base64url').toString();
}
