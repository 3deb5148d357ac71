/** The caller of one command. */
interface Waiting {
  resolve(reply: unknown): void;
  reject(error: Error): void;
}

/** The commands of this replica that are on their way through the log, in order; null where nobody waits. */
export class PendingReplies {
  private waiting: (Waiting | null)[] = [];
  private first = 0;

  /** Another command is on its way. */
  expect(): Promise<unknown> {
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  /** Another command, whose reply nobody needs. */
  expectNothing(): void {
    this.waiting.push(null);
  }

  /** The oldest command has come through the log. Returns who waits for its reply. */
  take(): Waiting | null {
    const next = this.waiting[this.first++] ?? null;
    if (this.first * 2 > this.waiting.length) {
      this.waiting = this.waiting.slice(this.first);
      this.first = 0;
    }
    return next;
  }

  /** Nobody waits any more. The commands stay on their way. */
  rejectAll(error: () => Error): void {
    for (let i = this.first; i < this.waiting.length; i++) {
      this.waiting[i]?.reject(error());
      this.waiting[i] = null;
    }
  }
}
