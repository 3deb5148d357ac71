import type { Leadership } from '../service/leadership.js';
import type { Lease } from './lease.js';
import type { ReplicatedLog } from './replicated-log.js';

/**
 * This replica leads while it holds the lease and the log names it. The lease lets one replica try; the log decides, because an entry
 * of an earlier term does not count.
 */
export class Elected implements Leadership {
  readonly isReplica = true;
  private claiming = false;
  private wasLeading = false;

  constructor(
    readonly replica: string,
    private readonly lease: Lease,
    private readonly log: () => ReplicatedLog,
    private readonly changed: (isLeading: boolean) => void,
  ) {
    lease.onChange(() => this.check());
  }

  /** False as soon as the lease has ended, whatever else this process has heard: it may have been frozen. */
  get isLeading(): boolean {
    return this.wasLeading && this.lease.isHeld();
  }

  /** The lease, or the leader in the log, may have changed. */
  check(): void {
    const isHeld = this.lease.isHeld();
    const isNamed = this.log().leader === this.replica;
    if (this.wasLeading && !(isHeld && isNamed)) {
      this.wasLeading = false;
      this.changed(false);
    }
    if (isHeld && !this.wasLeading && !this.claiming) void this.claim();
  }

  /** A new term, also if the log still names this replica: a restarted process may have its name. */
  private async claim(): Promise<void> {
    this.claiming = true;
    const log = this.log();
    const term = log.term + 1;
    try {
      await log.append({ type: 'lead', term }, null, null);
      if (log.term === term && log.leader === this.replica && this.lease.isHeld()) {
        this.wasLeading = true;
        this.changed(true);
      }
    } catch {
      // The log is away: the next check tries again.
    } finally {
      this.claiming = false;
    }
  }
}
