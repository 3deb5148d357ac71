import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceError } from '../../ground/errors.js';
import { LogThrottle } from '../../limits/log-throttle.js';

export const REQUEST_ID = 'x-request-id';

/** Ids of callers that are taken over: they come back in a header, and stand in the log. */
const SANE_ID = /^[\w.:+/=@-]{1,128}$/;

/** What of a path is told, in characters. */
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

/** The log with a request's id on each line. */
export type LogOf = (request: FastifyRequest) => FastifyBaseLogger;

/** Made when something is said of a request: Fastify's own, made for each, would cost more than most checks. */
export function requestLogs(logger: FastifyBaseLogger): LogOf {
  return ({ id }) => logger.child({ request_id: id });
}

/** They have a line of their own already. */
const refusedRequests = new WeakSet<FastifyRequest>();

/** Says of requests that were not done as asked why. */
export interface ProblemLog {
  /** By the client's fault. Clients may be wrong as often as they like; the log has at most one line a second for each kind of problem, at the level info. */
  refused(request: FastifyRequest, problem: ServiceError): void;
  /** By ours. */
  failed(request: FastifyRequest, problem: ServiceError, error: Error): void;
}

export function problemLog(logOf: LogOf): ProblemLog {
  const limit = new LogThrottle(() => performance.now());
  return {
    refused(request, { code, status, message }) {
      refusedRequests.add(request);
      limit.log(code, (suppressed) => {
        const fields = { ...described(request), status, code, ...(suppressed > 0 && { suppressed }) };
        logOf(request).info(fields, `request refused: ${message}`);
      });
    },
    failed(request, { title }, error) {
      logOf(request).error({ err: error }, title);
    },
  };
}

/** Says at the level debug how all other requests ended. No hook where nobody reads it: it would cost as much as all other checks together. */
export function useRequestLog(app: FastifyInstance, level: string, logOf: LogOf): void {
  if (level !== 'debug' && level !== 'trace') return;
  app.addHook('onResponse', (request, { statusCode: status, elapsedTime }, done) => {
    const fields = { ...described(request), status, ms: Math.round(elapsedTime) };
    if (!refusedRequests.has(request)) logOf(request).debug(fields, 'request answered');
    done();
  });
}

/** What was asked, and by whom. */
function described(request: FastifyRequest): object {
  const { method, caller, ip } = request;
  return { method, path: pathOf(request), address: ip, ...(caller?.name && { by: caller.name }) };
}

/** As it is told: cut, and without a query, which may hold anything. */
export function pathOf({ url }: FastifyRequest): string {
  const [path = ''] = url.split('?', 1);
  return path.slice(0, PATH_LENGTH);
}
