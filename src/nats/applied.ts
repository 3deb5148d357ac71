import type { Clock } from '../ground/ports.js';
import { withTimeout } from '../ground/with-timeout.js';

/** Who waits for what entries of the log change. */
export class Applied {
  private readonly waiting = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /** A message was applied. */
  tell(): void {
    for (const check of [...this.waiting]) check();
  }

  /** Resolves when entries that were applied have made it true; false after `timeoutMs`. */
  async until(isReached: () => boolean, timeoutMs: number): Promise<boolean> {
    if (isReached()) return true;
    let check = () => {};
    const reached = new Promise<true>((resolve) => {
      check = () => {
        if (isReached()) resolve(true);
      };
    });
    this.waiting.add(check);
    const inTime = await withTimeout(this.clock, timeoutMs, reached);
    this.waiting.delete(check);
    return inTime ?? false;
  }
}
