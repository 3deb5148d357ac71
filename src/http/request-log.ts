import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceError } from '../errors.js';
import { LogLimit } from '../service/log-limit.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The problem that was answered; null for none. */
    problem: ServiceError | null;
  }
}

export const REQUEST_ID = 'x-request-id';

/** Ids of callers that are taken over: they come back in a header, and stand in the log. */
const SANE_ID = /^[\w.:+/=@-]{1,128}$/;

/** What of a path stands in the log, in characters. */
const PATH_LENGTH = 200;

/** Gives each request the id that its caller sent, or else one that no other request gets, of another start neither. */
export function requestIds(): (raw: Pick<IncomingMessage, 'headers'>) => string {
  const start = randomBytes(6).toString('base64url');
  let last = 0;
  return ({ headers }) => {
    const given = headers[REQUEST_ID];
    return typeof given === 'string' && SANE_ID.test(given) ? given : `${start}-${++last}`;
  };
}

/** Answers each request with its id. */
export function answersWithId(request: FastifyRequest, reply: FastifyReply): void {
  reply.header(REQUEST_ID, request.id);
}

/**
 * Says how each request ended: what was refused at the level info, all else at debug. Clients
 * may be wrong as often as they like; the log has at most one line a second for each kind of problem.
 */
export function useRequestLog(app: FastifyInstance): void {
  const limit = new LogLimit(() => performance.now());
  // Almost nobody reads it, and putting it together costs as much as all other hooks.
  const isDebugged = app.log.level === 'debug' || app.log.level === 'trace';
  app.decorateRequest('problem', null);
  app.addHook('onResponse', (request, reply, done) => {
    if (request.problem !== null) sayRefused(request, reply, request.problem);
    else if (isDebugged) sayAnswered(request, reply);
    done();
  });

  function sayAnswered(request: FastifyRequest, { statusCode: status, elapsedTime }: FastifyReply): void {
    request.log.debug({ ...described(request), status, ms: Math.round(elapsedTime) }, 'request answered');
  }

  function sayRefused(request: FastifyRequest, { statusCode: status }: FastifyReply, problem: ServiceError): void {
    const { code, message } = problem;
    limit.log(code, (suppressed) => {
      const fields = { ...described(request), status, code, ...(suppressed > 0 && { suppressed }) };
      request.log.info(fields, `request refused: ${message}`);
    });
  }
}

/** What was asked, and by whom; a query may hold anything, and is left out. */
function described({ method, url, caller, ip }: FastifyRequest): object {
  const path = url.split('?', 1)[0]?.slice(0, PATH_LENGTH);
  return { method, path, address: ip, ...(caller?.name && { by: caller.name }) };
}
