import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceError } from '../../ground/errors.js';
import { LogThrottle } from '../../limits/log-throttle.js';

export const REQUEST_ID = 'x-request-id';

/** Accepted form of a client's id. It comes back in a header and is written to the log. */
const CLIENT_ID = /^[\w.:+/=@-]{1,128}$/;

/** Longer paths are cut in logs and errors; characters. */
const PATH_LENGTH = 200;

/** Returns the id that the client sent, otherwise a new one, unique across restarts. */
export function requestIds(): (raw: Pick<IncomingMessage, 'headers'>) => string {
  const start = randomBytes(6).toString('base64url');
  let last = 0;
  return ({ headers }) => {
    const given = headers[REQUEST_ID];
    return typeof given === 'string' && CLIENT_ID.test(given) ? given : `${start}-${++last}`;
  };
}

/** Sends the id of a request back. */
export function returnRequestId(request: FastifyRequest, reply: FastifyReply): void {
  reply.header(REQUEST_ID, request.id);
}

/** Returns a log that adds the request's id to each line. */
export type LogOf = (request: FastifyRequest) => FastifyBaseLogger;

/** Makes a child log only when it is needed: Fastify's own, made for each request, would cost more than most checks. */
export function requestLogs(logger: FastifyBaseLogger): LogOf {
  return ({ id }) => logger.child({ request_id: id });
}

/** These have their own log line already. */
const refusedRequests = new WeakSet<FastifyRequest>();

/** Logs why a request failed. */
export interface ProblemLog {
  /** By the client's fault: at the level info, and at most one line per second and error code. */
  refused(request: FastifyRequest, problem: ServiceError): void;
  /** By the service's fault. */
  failed(request: FastifyRequest, problem: ServiceError, error: Error): void;
}

export function problemLog(logOf: LogOf): ProblemLog {
  const limit = new LogThrottle(() => performance.now());
  return {
    refused(request, { code, status, message }) {
      refusedRequests.add(request);
      limit.log(code, (suppressed) => {
        const fields = { ...requestFields(request), status, code, ...(suppressed > 0 && { suppressed }) };
        logOf(request).info(fields, `request refused: ${message}`);
      });
    },
    failed(request, { title }, error) {
      logOf(request).error({ err: error }, title);
    },
  };
}

/** Logs all other requests at the level debug. Otherwise there is no hook: it would cost as much as all checks together. */
export function useRequestLog(app: FastifyInstance, level: string, logOf: LogOf): void {
  if (level !== 'debug' && level !== 'trace') return;
  app.addHook('onResponse', (request, { statusCode: status, elapsedTime }, done) => {
    const fields = { ...requestFields(request), status, ms: Math.round(elapsedTime) };
    if (!refusedRequests.has(request)) logOf(request).debug(fields, 'request completed');
    done();
  });
}

function requestFields(request: FastifyRequest): object {
  const { method, caller, remote } = request;
  return { method, path: pathOf(request), address: remote.ip, ...(caller?.name && { by: caller.name }) };
}

/** Returns the path for logs and errors: cut, and without the query, which may contain secrets. */
export function pathOf({ url }: FastifyRequest): string {
  const [path = ''] = url.split('?', 1);
  return path.slice(0, PATH_LENGTH);
}
