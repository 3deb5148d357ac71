/** Counts by client within a span of time, the same span for all: what is kept ends with it. */
export class Tally {
  private readonly counts = new Map<string, number>();
  private ends = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly most: number,
    private readonly spanMs: number,
  ) {}

  /** Counts one more; false when it is more than may be. `nowMs` is monotonic. */
  add(client: string, nowMs: number): boolean {
    this.turn(nowMs);
    const count = (this.counts.get(client) ?? 0) + 1;
    this.counts.set(client, count);
    return count <= this.most;
  }

  /** Whether one more would be too many. */
  isFull(client: string, nowMs: number): boolean {
    this.turn(nowMs);
    return (this.counts.get(client) ?? 0) >= this.most;
  }

  /** Whole seconds until counting begins anew, at least 1. */
  secondsLeft(nowMs: number): number {
    return Math.max(1, Math.ceil((this.ends - nowMs) / 1000));
  }

  private turn(nowMs: number): void {
    if (nowMs < this.ends) return;
    this.ends = nowMs + this.spanMs;
    this.counts.clear();
  }
}
