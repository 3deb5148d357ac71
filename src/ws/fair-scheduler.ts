/** What all sockets together are sent in one turn of the event loop, in bytes: some milliseconds' work. */
const TURN_BYTES = 2 ** 24;

/** What each of them is sent, however many there are. */
const LEAST_BYTES = 2 ** 16;

/** Who has something to send. */
interface Sender {
  /** Sends at most about so many bytes. */
  pump(mostBytes: number): void;
}

/** Lets sockets send once in a turn of the event loop, so that what arrives together leaves together, and shares the turn out among them. */
export class Turns {
  private waiting = new Set<Sender>();

  /** That sender has its turn next. */
  ask(sender: Sender): void {
    if (this.waiting.size === 0) setImmediate(() => this.run());
    this.waiting.add(sender);
  }

  private run(): void {
    const senders = this.waiting;
    this.waiting = new Set();
    const share = Math.max(LEAST_BYTES, TURN_BYTES / senders.size);
    for (const sender of senders) sender.pump(share);
  }
}
