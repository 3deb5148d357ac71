import type { Notification, Registration } from '../../domain/reception.js';
import type { Clock } from '../../ground/ports.js';
import { ChunkPool } from './chunk-pool.js';
import { RegistrationLog } from './registration-log.js';
import { SizeClasses } from './size-classes.js';

export interface RetentionOptions {
  /** What one registration keeps. */
  readonly replayBytes: number;
  /** How long sent notifications are kept, and how long a registration outlives its socket. */
  readonly replaySeconds: number;
  /** What all registrations keep together. */
  readonly replayTotalBytes: number;
}

/** A run may have this part of what a registration keeps, since a run is dropped as a whole. One read may bring a longer one. */
const RUN_PART = 1 / 16;

/** Bounds what the logs keep for a resume: by bytes for each log, by bytes for all logs, and by age. */
export class Retention {
  private readonly pool = new ChunkPool();
  private readonly bySize = new SizeClasses<RegistrationLog>();
  private keptBytes = 0;
  /** How long the log of commands was away, in all. That time ages nothing: nobody could resume. */
  private interruptedMs = 0;
  private cancelSweep: (() => void) | null = null;

  constructor(
    private readonly logs: { values(): Iterable<RegistrationLog> },
    private readonly clock: Clock,
    private readonly options: RetentionOptions,
  ) {}

  /** Returns an empty log, which the caller adds to `logs`. See the constructor of `RegistrationLog`. */
  createLog(id: string, registration: Registration, owner: string | null, since: number): RegistrationLog {
    return new RegistrationLog(id, registration, owner, since, this.pool, this.options.replayBytes * RUN_PART);
  }

  /** `nowMs` is monotonic. */
  append(log: RegistrationLog, notification: Notification, nowMs: number): void {
    const { replayBytes, replayTotalBytes } = this.options;
    this.keptBytes += log.append(notification, this.uninterrupted(nowMs));
    // The socket bounds what waits for it (`ws/log-reader.ts`), so this trims only what was sent.
    if (log.keptBytes > replayBytes) this.keptBytes -= log.trimTo(replayBytes);
    this.bySize.update(log);
    if (this.keptBytes > replayTotalBytes) this.evict();
    this.armSweep();
  }

  /** Drops all that the log keeps: its registration has ended. */
  drop(log: RegistrationLog): void {
    this.dropped(log, log.evictTo(0));
  }

  /** The log of commands was away for so long. */
  interrupted(ms: number): void {
    this.interruptedMs += ms;
  }

  stop(): void {
    this.cancelSweep?.();
  }

  /** Halves one of the largest logs until the total fits, so that small logs keep what they have. */
  private evict(): void {
    while (this.keptBytes > this.options.replayTotalBytes) {
      const log = this.bySize.oneOfTheLargest();
      if (log === null) return;
      this.dropped(log, log.evictTo(log.keptBytes / 2));
    }
  }

  private dropped(log: RegistrationLog, bytes: number): void {
    this.keptBytes -= bytes;
    this.bySize.update(log);
  }

  /** Sweeps twice in each retention period, and only while something is kept. */
  private armSweep(): void {
    if (this.cancelSweep !== null || this.keptBytes === 0) return;
    this.cancelSweep = this.clock.after(Math.max(500, this.options.replaySeconds * 500), () => {
      this.cancelSweep = null;
      this.sweep();
      this.armSweep();
    });
  }

  /** Nothing expires in the grace period: a client must find what it missed, even what was sent long ago and never arrived. */
  private sweep(): void {
    const before = this.uninterrupted(this.clock.now().monotonicMs) - this.options.replaySeconds * 1000;
    for (const log of this.logs.values()) {
      if (log.holder !== null) this.dropped(log, log.expireSentBefore(before));
    }
    this.pool.compact();
  }

  /** Monotonic milliseconds without interruptions. */
  private uninterrupted(nowMs: number): number {
    return nowMs - this.interruptedMs;
  }
}
