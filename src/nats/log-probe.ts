import type { Clock } from '../ground/ports.js';
import { withTimeout } from '../ground/with-timeout.js';
import type { LogStream } from './stream.js';

const ANSWER_MS = 1_000;

/**
 * Finds out that nothing comes because nobody keeps the log, although this replica is connected: one server without the others of its cluster
 * stores nothing. A replica that appends nothing itself would not notice.
 */
export class LogProbe {
  /** Whether the servers do not answer for the log. */
  isAway = false;
  private position = 0;
  private isAsking = false;

  constructor(
    private readonly clock: Clock,
    private readonly stream: Pick<LogStream, 'isKept'>,
  ) {}

  /** Called every second with the newest position that is applied. Asks only if nothing has come since. */
  async run(position: number): Promise<void> {
    const isSilent = position === this.position;
    this.position = position;
    if (!isSilent) this.isAway = false;
    if (!isSilent || this.isAsking) return;
    this.isAsking = true;
    const answer = this.stream.isKept().catch(() => false);
    const isKept = await withTimeout(this.clock, ANSWER_MS, answer);
    this.isAsking = false;
    // What has come meanwhile is an answer, too.
    if (this.position === position) this.isAway = isKept !== true;
  }
}
