import type { ErrorCode } from '../ground/errors.js';

/** The interface that a client used: the BIN listeners, HTTP, MI over HTTP, WebSocket. Logs and metrics call it `door`. */
export type Surface = 'bin' | 'http' | 'mi' | 'ws';

/** Error codes that are also reasons of a rejection: the client lacks access, or wants more than it may have. */
export const REJECTION_CODES = [
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

/** Every reason that is counted. docs/limits.md names the limit of each. */
export const REJECTION_REASONS = [
  ...REJECTION_CODES,
  // Connections: BIN and HTTP.
  'not_allowed',
  'too_many_connections',
  'too_many_from_source',
  'tls_failed',
  'tls_timeout',
  // What arrives on BIN.
  'bad_marker',
  'bad_length',
  'bad_name_length',
  'other_dialect',
  'bad_message',
  'frame_timeout',
  'idle_timeout',
  'ended_in_frame',
  'too_short',
  // Sockets and event streams.
  'token_withdrawn',
  'slow_consumer',
  'no_pong',
  'too_many_messages',
  'frame_too_long',
  'not_json_rpc',
] as const;

export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** Rejections since the start, by surface and reason (`clusterer_refused_total`). */
export class RejectionCounts {
  private readonly counts = new Map<Surface, Map<RejectionReason, number>>();

  /** Adds one. @returns the count so far */
  add(surface: Surface, reason: RejectionReason): number {
    const reasons = this.counts.get(surface) ?? new Map<RejectionReason, number>();
    const count = (reasons.get(reason) ?? 0) + 1;
    this.counts.set(surface, reasons.set(reason, count));
    return count;
  }

  countOf(surface: Surface, reason: RejectionReason): number {
    return this.counts.get(surface)?.get(reason) ?? 0;
  }

  /** Every pair that has been counted. */
  *all(): Generator<{ readonly surface: Surface; readonly reason: RejectionReason; readonly count: number }> {
    for (const [surface, reasons] of this.counts) {
      for (const [reason, count] of reasons) yield { surface, reason, count };
    }
  }
}
