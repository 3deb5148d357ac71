import type { ErrorCode, ServiceError } from '../ground/errors.js';
import type { Log } from '../ground/ports.js';
import type { Caller } from '../security/tokens.js';
import { LogLimit } from './log-throttle.js';
import type { Door, Refused } from './rejection-counts.js';

/** The errors that turn somebody away, for who they are or for how much they want. Their codes are the reasons that are counted. */
export const TURNED_AWAY = [
  'unauthorized',
  'too_many_wrong_tokens',
  'forbidden',
  'host_not_allowed',
  'origin_not_allowed',
  'too_many_requests',
  'body_too_large',
  'header_too_large',
  'request_timeout',
  'answer_too_large',
  'too_many_sockets',
  'too_many_registrations',
  'registrations_exhausted',
  'too_many_machines',
] as const satisfies readonly ErrorCode[];

/** Who is turned away: the name of the token where there is one, and the IP. */
export interface Who {
  readonly caller: string | null;
  readonly address: string;
}

export function whoOf({ caller, ip }: { readonly caller?: Caller; readonly ip: string }): Who {
  return { caller: caller?.name ?? null, address: ip };
}

/** Counts who is turned away and says so in the log: who, what was asked for, and why. Nothing that was sent is repeated. */
export class Refusals {
  private readonly limit = new LogLimit(() => performance.now());

  constructor(
    readonly refused: Refused,
    private readonly log: Log,
  ) {}

  /** Answers whether the error turned somebody away; others are left alone. `what` is the method and route, or the method of JSON-RPC. */
  failed(door: Door, error: ServiceError, who: Who, what: string): boolean {
    const reason = TURNED_AWAY.find((code) => code === error.code);
    if (reason !== undefined) this.add(door, reason, who, what, error.message);
    return reason !== undefined;
  }

  /** At most one line a second for each client and reason. */
  add(door: Door, reason: string, who: Who, what: string, why: string): void {
    const count = this.refused.count(door, reason);
    this.limit.log(`${door} ${reason} ${who.caller} ${who.address}`, (suppressed) => {
      this.log.warn({ door, reason, ...who, what, count, ...(suppressed > 0 && { suppressed }) }, `refused: ${why}`);
    });
  }
}
