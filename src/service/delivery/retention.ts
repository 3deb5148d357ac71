import type { Notification } from '../../domain/reception.js';
import type { Clock } from '../../ground/ports.js';
import { Blocks } from './chunk-pool.js';
import type { RegistrationLog } from './registration-log.js';
import { SizeClasses } from './size-classes.js';

export interface ReplayOptions {
  /** What one registration keeps. */
  readonly replayBytes: number;
  /** How long what was sent is kept, and how long a registration lives on without its socket. */
  readonly replaySeconds: number;
  /** What all registrations keep together. */
  readonly replayTotalBytes: number;
}

/** Of what a registration keeps, as a part: what it keeps and lets go of as one, unless it came as one. */
const RUN_PART = 1 / 16;

/** Keeps what registrations were told for a resume, within bounds: of one, of all together, and of time. */
export class Replay {
  /** Where all of it is. */
  readonly blocks = new Blocks();
  private readonly bySize = new SizeClasses<RegistrationLog>();
  private keptBytes = 0;
  private cancelSweep: (() => void) | null = null;

  constructor(
    private readonly logs: { values(): Iterable<RegistrationLog> },
    private readonly clock: Clock,
    private readonly options: ReplayOptions,
  ) {}

  /** See `RegistrationLog`. */
  get runBytes(): number {
    return this.options.replayBytes * RUN_PART;
  }

  append(log: RegistrationLog, notification: Notification): void {
    const { replayBytes, replayTotalBytes } = this.options;
    this.keptBytes += log.append(notification, this.clock.now().monotonicMs);
    // What waits for a slow socket is bounded by that socket (`ws/feed.ts`).
    if (log.keptBytes > replayBytes) this.keptBytes -= log.trimTo(replayBytes);
    this.bySize.update(log);
    if (this.keptBytes > replayTotalBytes) this.makeRoom();
    this.armSweep();
  }

  /** The registration is over. */
  forget(log: RegistrationLog): void {
    this.dropped(log, log.shrinkTo(0));
  }

  stop(): void {
    this.cancelSweep?.();
  }

  /** One of the largest gives half of what it has: whoever keeps little keeps it. */
  private makeRoom(): void {
    while (this.keptBytes > this.options.replayTotalBytes) {
      const log = this.bySize.oneOfTheLargest();
      if (log === null) return;
      this.dropped(log, log.shrinkTo(log.keptBytes / 2));
    }
  }

  private dropped(log: RegistrationLog, bytes: number): void {
    this.keptBytes -= bytes;
    this.bySize.update(log);
  }

  /** Armed only while something is kept; looks twice in the time that things are kept for. */
  private armSweep(): void {
    if (this.cancelSweep !== null || this.keptBytes === 0) return;
    this.cancelSweep = this.clock.after(Math.max(500, this.options.replaySeconds * 500), () => {
      this.cancelSweep = null;
      this.sweep();
      this.armSweep();
    });
  }

  /** In the grace period nothing ages: the client must find what it missed, however long that was on its way to it. */
  private sweep(): void {
    const before = this.clock.now().monotonicMs - this.options.replaySeconds * 1000;
    for (const log of this.logs.values()) {
      if (log.holder !== null) this.dropped(log, log.forgetSentBefore(before));
    }
    this.blocks.tidyUp();
  }
}
