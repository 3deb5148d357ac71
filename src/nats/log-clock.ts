import type { Now } from '../ground/now.js';
import type { Clock } from '../ground/ports.js';

/**
 * The leader appends something every second (`LeaderDuties.tick`), so after a longer pause the log was away, or nobody led. Packets may have
 * waited in sockets meanwhile.
 */
export const LONGEST_PAUSE_MS = 3_000;

/**
 * The time of the log: that of its newest message, and what has passed here since. It stands still while the log is away. Both clocks show it,
 * so a deadline that the engine keeps means the same on every replica. Timers are those of the process.
 */
export class LogClock implements Clock {
  /** The time of the newest message, in Unix milliseconds. */
  private newestMs = 0;
  /** When it came, on the clock of the process. */
  private cameMs = 0;
  private isApplying = false;

  constructor(private readonly system: Clock) {}

  now(): Now {
    if (this.isApplying) return at(this.newestMs);
    return at(this.newestMs + Math.min(this.system.now().monotonicMs - this.cameMs, LONGEST_PAUSE_MS));
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
