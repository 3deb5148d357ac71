/** What all sockets together may send in one round, in bytes: a few milliseconds of work. */
const ROUND_BYTES = 2 ** 24;

/** What each socket may send in a round, however many there are. */
const MINIMUM_BUDGET = 2 ** 16;

interface Flushable {
  /** Sends about this many bytes at most. */
  flush(budget: number): void;
}

/**
 * Flushes sockets in rounds, at most one round in each iteration of the event loop: packets that arrive together are sent together, and no
 * socket blocks the others.
 */
export class FairScheduler {
  private waiting = new Set<Flushable>();

  /** Flushes the socket once, in the next round. */
  schedule(socket: Flushable): void {
    if (this.waiting.size === 0) setImmediate(() => this.run());
    this.waiting.add(socket);
  }

  private run(): void {
    const sockets = this.waiting;
    this.waiting = new Set();
    const budget = Math.max(MINIMUM_BUDGET, ROUND_BYTES / sockets.size);
    for (const socket of sockets) socket.flush(budget);
  }
}
