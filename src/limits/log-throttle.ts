const INTERVAL_MS = 1_000;

/** Keys come and go with connections and registrations; beyond this many, those past their second are let go. */
const KEPT_KEYS = 1_000;

interface Written {
  /** Monotonic milliseconds. */
  readonly at: number;
  suppressed: number;
}

/** At most one log line a second for each key; what is held back is counted and told with the next line. */
export class LogLimit {
  private readonly keys = new Map<string, Written>();

  constructor(
    /** Monotonic milliseconds. */
    private readonly now: () => number,
  ) {}

  /** Calls `write` with how many lines were held back since the last one, or counts this one. */
  log(key: string, write: (suppressed: number) => void): void {
    const at = this.now();
    const last = this.keys.get(key);
    if (last !== undefined && at - last.at < INTERVAL_MS) {
      last.suppressed++;
      return;
    }
    if (this.keys.size >= KEPT_KEYS) this.letGo(at);
    this.keys.set(key, { at, suppressed: 0 });
    write(last?.suppressed ?? 0);
  }

  private letGo(now: number): void {
    for (const [key, { at }] of this.keys) if (now - at >= INTERVAL_MS) this.keys.delete(key);
  }
}
