import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../ground/errors.js';
import { Tally } from '../../limits/fixed-window.js';
import type { Caller, Tokens } from '../../security/tokens.js';
import { canonicalIp, networkOf, withoutZone } from '../../wire/address.js';
import type { Check } from './checks.js';

export interface ClientOptions {
  readonly tokens: Tokens;
  readonly httpRequestsPerSecond: number;
  readonly httpWrongTokensPerMinute: number;
}

/** The subprotocol under which a browser, which cannot set headers on a socket, offers its token. */
const BEARER_SUBPROTOCOL = 'bearer.';

/** Pairs of address and name that have been here with a valid token; the oldest are forgotten. */
const MOST_REMEMBERED = 10_000;

/**
 * Says of every request who makes it: `caller`, where there is a token that allows one, and `client`, whose share of the
 * limits it uses up: the name of the token, else the address. Nothing that a proxy says of others is believed.
 */
export function knowsClients(options: ClientOptions): Check {
  const { tokens } = options;
  const requests = new Tally(options.httpRequestsPerSecond, 1_000);
  const guesses = new Guesses(options.httpWrongTokensPerMinute);
  return (request, reply) => {
    const now = performance.now();
    const token = tokenOf(request);
    const caller = tokens.caller(token);
    const address = clientAddress(request.raw.socket);
    request.client = caller?.name ?? address;
    if (caller !== null) request.caller = caller;
    if (!requests.add(request.client, now)) {
      reply.header('retry-after', requests.secondsLeft(now));
      const detail = `At most ${options.httpRequestsPerSecond} requests in a second (CLUSTERER_HTTP_REQUESTS_PER_SECOND); wait, then go on more slowly.`;
      throw new ServiceError('too_many_requests', detail);
    }
    if (token !== null && tokens.required && !guesses.mayTry(address, caller, now)) {
      reply.header('retry-after', guesses.secondsLeft(now));
      const detail = `${options.httpWrongTokensPerMinute} wrong tokens came from this address within a minute (CLUSTERER_HTTP_WRONG_TOKENS_PER_MINUTE); wait, then send a valid one.`;
      throw new ServiceError('too_many_wrong_tokens', detail);
    }
  };
}

/**
 * Wrong tokens of an address. Past the limit no token is looked at until the minute is over, valid or not, so that
 * nobody learns by trying; but whoever has been here with a valid one goes on.
 */
class Guesses {
  private readonly wrong: Tally;
  private readonly known = new Set<string>();

  constructor(perMinute: number) {
    this.wrong = new Tally(perMinute, 60_000);
  }

  mayTry(address: string, caller: Caller | null, now: number): boolean {
    if (caller === null) return this.wrong.add(address, now);
    const pair = `${address} ${caller.name}`;
    if (this.known.has(pair)) return true;
    if (this.wrong.isFull(address, now)) return false;
    if (this.known.size >= MOST_REMEMBERED) this.forgetOldest();
    this.known.add(pair);
    return true;
  }

  secondsLeft(now: number): number {
    return this.wrong.secondsLeft(now);
  }

  private forgetOldest(): void {
    for (const oldest of this.known) {
      this.known.delete(oldest);
      return;
    }
  }
}

const addresses = new WeakMap<Socket, string>();

/** The network that a connection comes from, as limits see it. Kept for each connection: many requests may come by it. */
export function clientAddress(socket: Socket): string {
  const known = addresses.get(socket);
  if (known !== undefined) return known;
  const ip = withoutZone(socket.remoteAddress ?? '');
  const address = networkOf(canonicalIp(ip) ?? ip);
  addresses.set(socket, address);
  return address;
}

function tokenOf({ headers }: FastifyRequest): string | null {
  if (headers.authorization === undefined && headers['sec-websocket-protocol'] === undefined) return null;
  const [, token] = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  if (token !== undefined) return token;
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
  const bearer = offered?.find((name) => name.startsWith(BEARER_SUBPROTOCOL));
  return bearer === undefined ? null : Buffer.from(bearer.slice(BEARER_SUBPROTOCOL.length), 'base64url').toString();
}
