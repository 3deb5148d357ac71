import type { Now } from '../ground/now.js';

/** What an operator asks for: the machine is down for a reason, until a time, or both (S10). */
export interface DrainRequest {
  readonly reason: string | null;
  /** Unix milliseconds at which the drain ends; null: when an operator ends it. */
  readonly until: number | null;
  /** The name of a token. */
  readonly by: string | null;
}

/** A drain as it is stored, across reloads and restarts. */
export interface StoredDrain extends DrainRequest {
  /** Unix milliseconds at which it began. */
  readonly since: number;
}

/** A drain in force. */
export interface Drain extends StoredDrain {
  /** Monotonic milliseconds: a later jump of the wall clock does not move it. Null without `until`. */
  readonly endsAt: number | null;
}

/** Returns the requested drain, or the one in force if it is the same. */
export function beginDrain({ reason, until, by }: DrainRequest, before: Drain | null, now: Now): Drain {
  if (before !== null && before.reason === reason && before.until === until && before.by === by) return before;
  return { reason, until, by, since: now.unixMs, endsAt: endOf(until, now) };
}

/** Returns the drain that a load brings: the one in force if it is the same, with its end; otherwise a new one, which ends by the wall clock. */
export function resumeDrain(kept: StoredDrain, before: Drain | null, now: Now): Drain {
  if (sameDrain(kept, before)) return before;
  const { reason, until, by, since } = kept;
  return { reason, until, by, since, endsAt: endOf(until, now) };
}

export function sameDrain<D extends StoredDrain>(a: StoredDrain, b: D | null): b is D {
  return b !== null && a.reason === b.reason && a.until === b.until && a.by === b.by && a.since === b.since;
}

/** A time in the past ends at once. */
function endOf(until: number | null, now: Now): number | null {
  return until === null ? null : now.monotonicMs + Math.max(0, until - now.unixMs);
}
