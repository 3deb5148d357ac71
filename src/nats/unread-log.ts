import type { Clock } from '../ground/ports.js';

/** What the log has comes back in milliseconds. After this long without it, the log is as good as away. */
const READ_MS = 5_000;

/** Finds out that this replica can write to the log and does not get what the log has: the calls that wait for their entries would never end. */
export class UnreadLog {
  private awaitedSeq = 0;
  private sinceMs = 0;

  /**
   * @param storedSeq the newest message of this replica that the log has
   * @param position the newest message that is applied here
   */
  constructor(
    private readonly clock: Clock,
    private readonly storedSeq: () => number,
    private readonly position: () => number,
  ) {}

  /** Called at regular intervals. @returns whether a message is missing for too long */
  check(): boolean {
    const now = this.clock.now().monotonicMs;
    if (this.position() < this.awaitedSeq) return now - this.sinceMs >= READ_MS;
    this.awaitedSeq = this.storedSeq();
    this.sinceMs = now;
    return false;
  }
}
