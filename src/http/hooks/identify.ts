import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../ground/errors.js';
import { FixedWindowLimiter } from '../../limits/fixed-window.js';
import { decodeUtf8 } from '../../rpc/json-text.js';
import type { Caller, Tokens } from '../../security/tokens.js';
import type { Check } from './checks.js';

export interface ClientOptions {
  readonly tokens: Tokens;
  readonly httpRequestsPerSecond: number;
  readonly httpWrongTokensPerMinute: number;
}

const CONTRADICTORY =
  'The headers Forwarded and X-Forwarded-For or X-Forwarded-Proto contradict each other. The proxy must remove the one that it does not write.';

/** Prefix of the subprotocol that carries a browser's token: browsers cannot set headers on a WebSocket. */
const BEARER_SUBPROTOCOL = 'bearer.';

/** Limit of the remembered pairs of address and name that have used a valid token. The oldest are dropped. */
const MAX_REMEMBERED = 10_000;

/** Sets `caller`, if there is a valid token or none is required, and `client`, and applies the limits per client. */
export function identifyClients(options: ClientOptions): Check {
  const { tokens } = options;
  const requests = new FixedWindowLimiter(options.httpRequestsPerSecond, 1_000);
  const wrongTokens = new WrongTokens(options.httpWrongTokensPerMinute);
  return (request, reply) => {
    const now = performance.now();
    const token = tokenOf(request);
    const caller = tokens.caller(token);
    const { network, isContradictory } = request.remote;
    request.client = caller?.name ?? network;
    if (caller !== null) request.caller = caller;
    if (!requests.take(now, request.client)) {
      reply.header('retry-after', requests.retryAfterSeconds(now));
      const detail = `At most ${options.httpRequestsPerSecond} requests per second (CLUSTERER_HTTP_REQUESTS_PER_SECOND); wait, then send less often.`;
      throw new ServiceError('too_many_requests', detail);
    }
    if (isContradictory) throw new ServiceError('invalid_input', CONTRADICTORY);
    if (token !== null && tokens.required && !wrongTokens.mayTry(network, caller, now)) {
      reply.header('retry-after', wrongTokens.retryAfterSeconds(now));
      const detail = `${options.httpWrongTokensPerMinute} wrong tokens from this address within a minute (CLUSTERER_HTTP_WRONG_TOKENS_PER_MINUTE); wait, then send a valid one.`;
      throw new ServiceError('too_many_wrong_tokens', detail);
    }
  };
}

/**
 * Counts the wrong tokens of each address. Past the limit every token is refused for the rest of the minute, valid or not, so
 * that guessing reveals nothing. Only tokens that were used from this address before are still accepted.
 */
class WrongTokens {
  private readonly wrong: FixedWindowLimiter;
  private readonly known = new Set<string>();

  constructor(perMinute: number) {
    this.wrong = new FixedWindowLimiter(perMinute, 60_000);
  }

  mayTry(address: string, caller: Caller | null, now: number): boolean {
    if (caller === null) return this.wrong.take(now, address);
    const pair = `${address} ${caller.name}`;
    if (this.known.has(pair)) return true;
    if (this.wrong.isFull(now, address)) return false;
    if (this.known.size >= MAX_REMEMBERED) this.dropOldest();
    this.known.add(pair);
    return true;
  }

  retryAfterSeconds(now: number): number {
    return this.wrong.retryAfterSeconds(now);
  }

  private dropOldest(): void {
    for (const oldest of this.known) {
      this.known.delete(oldest);
      return;
    }
  }
}

function tokenOf({ headers }: FastifyRequest): string | null {
  if (headers.authorization === undefined && headers['sec-websocket-protocol'] === undefined) return null;
  const [, token] = /^bearer +([^ \t]+) *$/i.exec(headers.authorization ?? '') ?? [];
  if (token !== undefined) return textOf(token);
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
  const bearer = offered?.find((name) => name.startsWith(BEARER_SUBPROTOCOL));
  return bearer === undefined ? null : Buffer.from(bearer.slice(BEARER_SUBPROTOCOL.length), 'base64url').toString();
}

/** Node reads each byte of a header as a character. curl sends a token in UTF-8; fetch sends one byte for each character. */
function textOf(token: string): string {
  return decodeUtf8(Buffer.from(token, 'latin1')) ?? token;
}
