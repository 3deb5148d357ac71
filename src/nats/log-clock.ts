import type { Now } from '../ground/now.js';
import type { Clock } from '../ground/ports.js';

/**
 * The time of the log: that of its newest message, and what has passed here since. Both clocks show it, so a deadline that the engine keeps
 * means the same on every replica. Timers are those of the process.
 */
export class LogClock implements Clock {
  /** The time of the newest message, in Unix milliseconds. */
  private newestMs = 0;
  /** When it came, on the clock of the process. */
  private cameMs = 0;
  private isApplying = false;

  constructor(private readonly system: Clock) {}

  now(): Now {
    return at(this.isApplying ? this.newestMs : this.newestMs + this.system.now().monotonicMs - this.cameMs);
  }

  after(delayMs: number, run: () => void): () => void {
    return this.system.after(delayMs, run);
  }

  /**
   * Applies a message with this time of the stream. Meanwhile the clock stands still, so what is done has the same time on every replica.
   * @param apply gets the time of the entries, which never goes back
   */
  during(timeMs: number, apply: (now: Now) => void): void {
    const now = this.advance(timeMs);
    this.isApplying = true;
    try {
      apply(now);
    } finally {
      this.isApplying = false;
    }
  }

  /** The state is that of a message with this time of the stream. */
  advance(timeMs: number): Now {
    this.newestMs = Math.max(this.newestMs, Math.floor(timeMs));
    this.cameMs = this.system.now().monotonicMs;
    return at(this.newestMs);
  }
}

function at(timeMs: number): Now {
  return { monotonicMs: timeMs, unixMs: Math.floor(timeMs) };
}
