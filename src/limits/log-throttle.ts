const INTERVAL_MS = 1_000;

/** Keys come and go with connections and registrations. At this many, expired keys are removed. */
const CLEANUP_SIZE = 1_000;

interface LastLine {
  /** Monotonic milliseconds. */
  readonly at: number;
  suppressed: number;
}

/** At most one log line per key and interval, by default a second. The next line of a key says how many were suppressed. */
export class LogThrottle {
  private readonly keys = new Map<string, LastLine>();

  constructor(
    /** Monotonic milliseconds. */
    private readonly now: () => number,
    private readonly intervalMs = INTERVAL_MS,
  ) {}

  /** Calls `write` with the number of lines suppressed since the last one, or suppresses this one. */
  log(key: string, write: (suppressed: number) => void): void {
    const at = this.now();
    const last = this.keys.get(key);
    if (last !== undefined && at - last.at < this.intervalMs) {
      last.suppressed++;
      return;
    }
    if (this.keys.size >= CLEANUP_SIZE) this.removeExpired(at);
    this.keys.set(key, { at, suppressed: 0 });
    write(last?.suppressed ?? 0);
  }

  private removeExpired(now: number): void {
    for (const [key, { at }] of this.keys) if (now - at >= this.intervalMs) this.keys.delete(key);
  }
}
