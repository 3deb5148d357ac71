import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceError } from '../errors.js';
import { LogLimit } from '../service/log-limit.js';

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

type Say = (...said: unknown[]) => void;
type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** What is said of one request, with its id. Of most nothing is said: a child of the log for each would cost more than most checks. */
class RequestLog {
  private named: FastifyBaseLogger | null = null;

  constructor(
    private readonly log: FastifyBaseLogger,
    private readonly id: object,
  ) {}

  get level(): string {
    return this.log.level;
  }

  trace(...said: unknown[]): void {
    this.say('trace', said);
  }

  debug(...said: unknown[]): void {
    this.say('debug', said);
  }

  info(...said: unknown[]): void {
    this.say('info', said);
  }

  warn(...said: unknown[]): void {
    this.say('warn', said);
  }

  error(...said: unknown[]): void {
    this.say('error', said);
  }

  fatal(...said: unknown[]): void {
    this.say('fatal', said);
  }

  silent(): void {}

  child(fields: object): FastifyBaseLogger {
    return this.log.child({ ...this.id, ...fields });
  }

  private say(level: Level, said: unknown[]): void {
    this.named ??= this.log.child(this.id);
    const { [level]: say } = this.named as unknown as Record<Level, Say>;
    say.apply(this.named, said);
  }
}

/** Makes the log of each request, of Fastify's option `childLoggerFactory`. */
export function requestLogs(log: FastifyBaseLogger): (none: unknown, id: object) => FastifyBaseLogger {
  return (_none, id) => new RequestLog(log, id) as FastifyBaseLogger;
}

/** They have a line of their own already. */
const refusedRequests = new WeakSet<FastifyRequest>();

/** Says of a refused request why. */
export type RefusedLog = (request: FastifyRequest, problem: ServiceError) => void;

/** Clients may be wrong as often as they like; the log has at most one line a second for each kind of problem, at the level info. */
export function refusalsLog(): RefusedLog {
  const limit = new LogLimit(() => performance.now());
  return (request, { code, status, message }) => {
    refusedRequests.add(request);
    limit.log(code, (suppressed) => {
      const fields = { ...described(request), status, code, ...(suppressed > 0 && { suppressed }) };
      request.log.info(fields, `request refused: ${message}`);
    });
  };
}

/** Says at the level debug how all other requests ended. No hook where nobody reads it: it would cost as much as all other checks together. */
export function useRequestLog(app: FastifyInstance, { level }: FastifyBaseLogger): void {
  if (level !== 'debug' && level !== 'trace') return;
  app.addHook('onResponse', (request, { statusCode: status, elapsedTime }, done) => {
    const fields = { ...described(request), status, ms: Math.round(elapsedTime) };
    if (!refusedRequests.has(request)) request.log.debug(fields, 'request answered');
    done();
  });
}

/** What was asked, and by whom; a query may hold anything, and is left out. */
function described({ method, url, caller, ip }: FastifyRequest): object {
  const path = url.split('?', 1)[0]?.slice(0, PATH_LENGTH);
  return { method, path, address: ip, ...(caller?.name && { by: caller.name }) };
}
