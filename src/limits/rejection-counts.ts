/** Where somebody may be turned away: the BIN listeners, HTTP, MI, the sockets. */
export type Door = 'bin' | 'http' | 'mi' | 'ws';

/** Counts who was turned away since the start, by door and reason (`/metrics`: `clusterer_refused_total`). */
export class Refused {
  private readonly counts = new Map<Door, Map<string, number>>();

  /** `reason` is one of a fixed few words of ours; never what a client sent. Answers the count so far. */
  count(door: Door, reason: string): number {
    const reasons = this.counts.get(door) ?? new Map<string, number>();
    const count = (reasons.get(reason) ?? 0) + 1;
    this.counts.set(door, reasons.set(reason, count));
    return count;
  }

  countOf(door: Door, reason: string): number {
    return this.counts.get(door)?.get(reason) ?? 0;
  }

  /** Every pair that has been counted. */
  *all(): Generator<{ readonly door: Door; readonly reason: string; readonly count: number }> {
    for (const [door, reasons] of this.counts) {
      for (const [reason, count] of reasons) yield { door, reason, count };
    }
  }
}
