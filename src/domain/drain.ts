import type { Now } from '../ground/now.js';

/** What an operator asks for: the machine is down, for a reason or until some time, or both. */
export interface DrainRequest {
  readonly reason: string | null;
  /** Unix milliseconds at which the machine comes back by itself; null: when someone says so. */
  readonly until: number | null;
  /** The name of a token. */
  readonly by: string | null;
}

/** A drain as it is kept beside the table, over reloads and restarts. */
export interface KeptDrain extends DrainRequest {
  /** Unix milliseconds at which it was set. */
  readonly since: number;
}

/** A drain in force. */
export interface Drain extends KeptDrain {
  /** Monotonic milliseconds: a jump of the wall clock after it was set does not move it. Null without `until`. */
  readonly endsAt: number | null;
}

/** The drain that was asked for; the one in force when it is the same again. */
export function beginDrain({ reason, until, by }: DrainRequest, before: Drain | null, now: Now): Drain {
  if (before !== null && before.reason === reason && before.until === until && before.by === by) return before;
  return { reason, until, by, since: now.unixMs, endsAt: endOf(until, now) };
}

/** A drain that a load brings: the one in force keeps its end, another one ends when the wall clock says so. */
export function resumeDrain(kept: KeptDrain, before: Drain | null, now: Now): Drain {
  if (sameDrain(kept, before)) return before;
  const { reason, until, by, since } = kept;
  return { reason, until, by, since, endsAt: endOf(until, now) };
}

export function sameDrain<D extends KeptDrain>(a: KeptDrain, b: D | null): b is D {
  return b !== null && a.reason === b.reason && a.until === b.until && a.by === b.by && a.since === b.since;
}

/** One that is over already ends at once. */
function endOf(until: number | null, now: Now): number | null {
  return until === null ? null : now.monotonicMs + Math.max(0, until - now.unixMs);
}
