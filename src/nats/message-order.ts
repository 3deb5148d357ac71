/** More processes than ever publish between two restarts of one of them. */
const MOST_INCARNATIONS = 1_024;

/** The incarnations and the last number that counted of each; the one that published last is last. */
export type OrderState = readonly (readonly [incarnation: string, n: number])[];

/**
 * Decides which messages of the log count. A publisher that misses an acknowledgement sends everything after the last one again, so the
 * log may hold a message twice, and messages before the one that they must follow. Each counts once, in the order of its publisher.
 * The same on every replica, because it follows only from the log.
 */
export class MessageOrder {
  private readonly last: Map<string, number>;

  constructor(state: OrderState = []) {
    this.last = new Map(state);
  }

  /** Whether the message is the next one of its publisher. If it is not, it has counted already, or will be sent again. */
  accept(incarnation: string, n: number): boolean {
    if (n !== (this.last.get(incarnation) ?? 0) + 1) return false;
    this.last.delete(incarnation);
    this.last.set(incarnation, n);
    if (this.last.size > MOST_INCARNATIONS) this.forgetOldest();
    return true;
  }

  state(): OrderState {
    return [...this.last];
  }

  private forgetOldest(): void {
    for (const oldest of this.last.keys()) {
      this.last.delete(oldest);
      return;
    }
  }
}
