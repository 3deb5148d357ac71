/** A rate limit: at most `limit` per key in a window. One window for all keys, which starts with its first event; its end forgets every key. */
export class FixedWindowLimiter {
  private readonly counts = new Map<string, number>();
  /** Monotonic milliseconds. */
  private windowEnd = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly limit: number,
    private readonly windowMs: number,
  ) {}

  /** Counts one event; false if it exceeds the limit. `nowMs` is monotonic. */
  take(nowMs: number, key = ''): boolean {
    this.startWindow(nowMs);
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    return count <= this.limit;
  }

  /** Whether the next `take` would exceed the limit. */
  isFull(nowMs: number, key = ''): boolean {
    this.startWindow(nowMs);
    return (this.counts.get(key) ?? 0) >= this.limit;
  }

  /** Whole seconds until the window ends, at least 1: the value of `Retry-After`. */
  retryAfterSeconds(nowMs: number): number {
    return Math.max(1, Math.ceil((this.windowEnd - nowMs) / 1000));
  }

  private startWindow(nowMs: number): void {
    if (nowMs < this.windowEnd) return;
    this.windowEnd = nowMs + this.windowMs;
    this.counts.clear();
  }
}
