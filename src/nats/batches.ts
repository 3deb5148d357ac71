import { encodeMessage, PART_HEAD_BYTES } from './message.js';

/** A message of JetStream costs about as much as 64 KiB in it, so what one turn brings is joined up to that. */
const BATCH_BYTES = 65_536;

/** Parts that become one message of the log. */
export class Batch {
  /** The sequence of the message in the stream. */
  readonly stored: Promise<number>;
  resolve: (seq: number) => void = () => {};
  reject: (error: Error) => void = () => {};
  bytes = 0;
  private parts: Buffer[] = [];
  private message: Buffer | null = null;

  constructor(readonly n: number) {
    this.stored = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // A caller that does not wait for the sequence need not handle the rejection.
    this.stored.catch(() => {});
  }

  /** What was sent may be stored, although no acknowledgement came. So it is sent again as it was, and takes no more parts. */
  get isOpen(): boolean {
    return this.message === null;
  }

  add(part: Buffer): void {
    this.parts.push(part);
    this.bytes += part.length + PART_HEAD_BYTES;
  }

  encoded(incarnation: Buffer): Buffer {
    if (this.message === null) {
      this.message = encodeMessage(incarnation, this.n, this.parts, this.bytes - this.parts.length * PART_HEAD_BYTES);
      this.parts = [];
    }
    return this.message;
  }
}

/** Batches in the order of their numbers: those that were sent come first, and parts are added to the last one. */
export class Batches {
  /** Of all batches. */
  bytes = 0;
  /** Of those that were sent. */
  sentBytes = 0;
  sent = 0;
  private readonly queue: Batch[] = [];
  private lastN = 0;

  get length(): number {
    return this.queue.length;
  }

  get first(): Batch | undefined {
    return this.queue[0];
  }

  get last(): Batch | undefined {
    return this.queue.at(-1);
  }

  /** Appends to the last batch, if it is open and has room. @returns the batch of the part */
  add(part: Buffer): Batch {
    const cost = part.length + PART_HEAD_BYTES;
    let batch = this.last;
    if (!batch?.isOpen || batch.bytes + cost > BATCH_BYTES) {
      batch = new Batch(++this.lastN);
      this.queue.push(batch);
    }
    batch.add(part);
    this.bytes += cost;
    return batch;
  }

  /** The next batch to send, which then counts as sent. */
  takeNext(): Batch | undefined {
    const batch = this.queue[this.sent];
    if (batch === undefined) return undefined;
    this.sent++;
    this.sentBytes += batch.bytes;
    return batch;
  }

  /** Removes the first batch, which was sent. */
  removeFirst(): Batch | undefined {
    const batch = this.queue.shift();
    if (batch === undefined) return undefined;
    this.sent--;
    this.sentBytes -= batch.bytes;
    this.bytes -= batch.bytes;
    return batch;
  }

  /** All batches count as not sent. */
  rewind(): void {
    this.sent = 0;
    this.sentBytes = 0;
  }

  clear(): Batch[] {
    this.rewind();
    this.bytes = 0;
    return this.queue.splice(0);
  }
}
