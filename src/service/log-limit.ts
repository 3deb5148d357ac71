import type { Clock } from './ports.js';

const INTERVAL_MS = 1_000;

/** At most one log line a second for each key; what is held back is counted and told with the next line. */
export class LogLimit {
  private readonly keys = new Map<string, { at: number; suppressed: number }>();

  constructor(private readonly clock: Clock) {}

  /** Calls `write` with how many lines were held back since the last one, or counts this one. */
  log(key: string, write: (suppressed: number) => void): void {
    const at = this.clock.now().monotonicMs;
    const last = this.keys.get(key);
    if (last !== undefined && at - last.at < INTERVAL_MS) {
      last.suppressed++;
      return;
    }
    this.keys.set(key, { at, suppressed: 0 });
    write(last?.suppressed ?? 0);
  }
}
