import type { ServiceError } from '../ground/errors.js';
import type { Log } from '../ground/ports.js';
import type { Caller } from '../security/tokens.js';
import { LogThrottle } from './log-throttle.js';
import { REJECTION_CODES, type RejectionCounts, type RejectionReason, type Surface } from './rejection-counts.js';

/** The client at the other end: the name of its token, if it has one, and its IP address. */
export interface Peer {
  readonly caller: string | null;
  readonly address: string;
}

/** A request, as far as its peer is concerned. */
export interface Requester {
  readonly caller?: Caller;
  readonly remote: { readonly ip: string };
}

export function peerOf({ caller, remote }: Requester): Peer {
  return { caller: caller?.name ?? null, address: remote.ip };
}

/** Counts and logs rejections: who, what was requested, and why. A log line holds nothing that the client sent. */
export class Rejections {
  private readonly throttle = new LogThrottle(() => performance.now());

  constructor(
    readonly counts: RejectionCounts,
    private readonly log: Log,
  ) {}

  /** @param what the method and route, or the JSON-RPC method. @returns false if the error is not a rejection; then nothing was logged */
  reject(surface: Surface, error: ServiceError, peer: Peer, what: string): boolean {
    const reason = REJECTION_CODES.find((code) => code === error.code);
    if (reason !== undefined) this.add(surface, reason, peer, what, error.message);
    return reason !== undefined;
  }

  /** Logs at most one line a second per client and reason. */
  add(surface: Surface, reason: RejectionReason, peer: Peer, what: string, why: string): void {
    const count = this.counts.add(surface, reason);
    this.throttle.log(`${surface} ${reason} ${peer.caller} ${peer.address}`, (suppressed) => {
      const fields = { door: surface, reason, ...peer, what, count, ...(suppressed > 0 && { suppressed }) };
      this.log.warn(fields, `refused: ${why}`);
    });
  }
}
