import type { Clock, Log } from '../ground/ports.js';
import { retryDelayMs } from '../ground/retry-delay.js';
import { withTimeout } from '../ground/with-timeout.js';
import type { Leadership } from './leadership.js';

/** How long a call waits until its change is written. If the database takes longer, the call returns before. */
const WRITE_WAIT_MS = 1_000;

/** Changes that are in memory at once, and in the database a little later. */
export interface Backlog {
  /** As the log names it: `table`, `drain`, `history`. */
  readonly name: string;
  /** Milliseconds from the first change to its write; 0: written at once. */
  readonly delayMs: number;
  /** How many changes are not in the database. */
  unwritten(): number;
  /** Writes them all, newest values. */
  write(): Promise<void>;
}

export interface WritePorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Only the leader writes. A replica that becomes the leader calls `changed`. */
  readonly leadership: Leadership;
}

/**
 * Writes a backlog in batches: the first change starts the timer, and failures in a row make it longer.
 * Invariant: one write at a time. The delay of a change runs during a write under way, not only after it.
 */
export class WriteBehind {
  private cancelTimer: (() => void) | null = null;
  private writing: Promise<void> | null = null;
  private failures = 0;
  private stopped = false;

  constructor(
    private readonly backlog: Backlog,
    private readonly ports: WritePorts,
  ) {}

  /** Something is to be written. */
  changed(): void {
    if (this.cancelTimer !== null || this.stopped || !this.isLeading) return;
    const delayMs = retryDelayMs(this.backlog.delayMs, this.failures);
    if (delayMs === 0) {
      this.start();
      return;
    }
    this.cancelTimer = this.ports.clock.after(delayMs, () => {
      this.cancelTimer = null;
      this.start();
    });
  }

  /** Resolves when no write is under way: everything is written, or waits for the next attempt. Never rejects. */
  async idle(): Promise<void> {
    while (this.writing !== null) await this.writing;
  }

  /** The same, but not longer than a call may wait. */
  async settled(): Promise<void> {
    await withTimeout(this.ports.clock, WRITE_WAIT_MS, this.idle());
  }

  /** Ends the timer and writes the rest, once. Rejects, after the log, when that fails. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelTimer?.();
    await this.idle();
    if (!this.isLeading) return;
    try {
      await this.backlog.write();
    } catch (error) {
      const { name } = this.backlog;
      const fields = { err: error, unwritten: this.backlog.unwritten() };
      this.ports.log.error(fields, `${name} write failed at the stop; changes lost`);
      throw error;
    }
  }

  private get isLeading(): boolean {
    return this.ports.leadership.isLeading;
  }

  private start(): void {
    // What is due during a write is started at its end.
    if (this.writing === null && this.isLeading) this.writing = this.write();
  }

  private async write(): Promise<void> {
    const succeeded = await this.attempt();
    this.writing = null;
    // A timer that still runs takes care of what has changed since.
    if (this.backlog.unwritten() === 0 || this.cancelTimer !== null || this.stopped) return;
    if (succeeded) this.start();
    else this.changed();
  }

  private async attempt(): Promise<boolean> {
    const { name } = this.backlog;
    const { log } = this.ports;
    try {
      await this.backlog.write();
      if (this.failures > 0) log.info({ failures: this.failures }, `${name} writes resumed`);
      this.failures = 0;
      return true;
    } catch (error) {
      this.failures++;
      const fields = { err: error, failures: this.failures, unwritten: this.backlog.unwritten() };
      log.error(fields, `${name} write failed; retrying`);
      return false;
    }
  }
}
