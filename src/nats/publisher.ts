import { randomBytes } from 'node:crypto';
import { createInbox, type Msg, type Subscription } from '@nats-io/transport-node';
import type { Clock, Log } from '../ground/ports.js';
import { retryDelayMs } from '../ground/retry-delay.js';
import { Batches } from './batches.js';
import type { Connection } from './connection.js';
import { HEAD_BYTES, INCARNATION_BYTES, PART_HEAD_BYTES } from './message.js';

/** Messages and bytes without an acknowledgement: enough for a round trip at full speed, and small next to the memory of a server. */
const MOST_OUTSTANDING = 256;
const MOST_OUTSTANDING_BYTES = 4 * 1024 * 1024;
/** Without an acknowledgement for this long, messages are sent again. */
const ACKNOWLEDGEMENT_TIMEOUT_MS = 2_000;
const LONGEST_RETRY_MS = 2_000;

const LOG_FULL =
  'Log is full: give JetStream more space (max_file_store, the disk of store_dir, or the limits of the stream); senders wait until then';

/** Codes of JetStream: its store has reached its limit, the stream its own, or the disk is full. */
const FULL: ReadonlySet<number> = new Set([10023, 10047, 10077]);

export interface PublisherSettings {
  readonly subject: string;
  /** Called whenever JetStream refuses a message because it has no room. */
  readonly full?: () => void;
  /** Queued bytes at which it is no longer writable. */
  readonly limitBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** An acknowledgement of JetStream, or why it refused the message. */
interface PubAck {
  readonly seq?: number;
  readonly error?: { readonly description: string; readonly err_code?: number };
}

/**
 * Publishes to the log in order. If an acknowledgement is missing, everything from that message on is sent again, after the connection is back.
 * So the log may hold a message twice: `MessageOrder` finds the ones that count.
 */
export class Publisher {
  private readonly incarnation = randomBytes(INCARNATION_BYTES);
  private readonly inbox = createInbox();
  private readonly subscription: Subscription;
  private readonly batches = new Batches();
  private readonly listeners = new Set<(isWritable: boolean) => void>();
  private wasWritable = true;
  private readonly forgetStatus: () => void;
  /** Rises whenever messages are sent again: acknowledgements of earlier transmissions do not count, since they may have gaps. */
  private generation = 0;
  private lastSeq = 0;
  /** Consecutive. */
  private failures = 0;
  private cancelTimer = () => {};
  private isPaused = false;
  private isFull = false;
  private isScheduled = false;
  private isClosed = false;

  constructor(
    private readonly connection: Connection,
    private readonly settings: PublisherSettings,
  ) {
    this.subscription = connection.nats.subscribe(`${this.inbox}.*.*`, {
      callback: (error, message) => {
        if (error === null) this.received(message);
      },
    });
    this.forgetStatus = connection.onStatus((isConnected) => this.statusChanged(isConnected));
  }

  /** Of this process, as the messages carry it. */
  get incarnationId(): string {
    return this.incarnation.toString('base64url');
  }

  /** The newest of its messages in the log. */
  get storedSeq(): number {
    return this.lastSeq;
  }

  get queuedBytes(): number {
    return this.batches.bytes;
  }

  /** False while too much is queued, while there is no connection, and while JetStream does not take messages. */
  get isWritable(): boolean {
    return !this.isFull && !this.isClosed && this.isAvailable;
  }

  /** False while there is no connection, and while JetStream does not take messages. */
  get isAvailable(): boolean {
    return this.failures === 0 && this.connection.isConnected;
  }

  /** Calls the listener whenever `isWritable` has changed. @returns a function that removes it */
  onWritable(listener: (isWritable: boolean) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Takes a part also when it is not writable. Parts of one turn share a message. The bytes must not change afterwards.
   * @returns the sequence in the stream at which the part has counted at the latest. Rejects if the publisher is closed before that
   */
  publish(part: Buffer): Promise<number> {
    const refusal = this.refusal(part);
    if (refusal !== null) return Promise.reject(refusal);
    const batch = this.batches.add(part);
    if (this.batches.bytes >= this.settings.limitBytes && !this.isFull) {
      this.isFull = true;
      this.tellWritable();
    }
    if (!this.isScheduled) {
      this.isScheduled = true;
      setImmediate(() => {
        this.isScheduled = false;
        this.send();
      });
    }
    return batch.stored;
  }

  /** Why it does not take a part, or null. */
  refusal(part: Buffer): Error | null {
    if (this.isClosed) return closed();
    const most = (this.connection.nats.info?.max_payload ?? Number.POSITIVE_INFINITY) - HEAD_BYTES - PART_HEAD_BYTES;
    if (part.length <= most) return null;
    return new RangeError(`A log entry has ${part.length} bytes; NATS takes ${most} (max_payload).`);
  }

  /** Resolves when everything that was published until now is in the log. */
  async flushed(): Promise<void> {
    await this.batches.last?.stored;
  }

  /** Stops. What has no acknowledgement is rejected; it may be stored. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.cancelTimer();
    this.forgetStatus();
    this.subscription.unsubscribe();
    for (const batch of this.batches.clear()) batch.reject(closed());
  }

  private send(): void {
    if (this.isClosed || this.isPaused || !this.connection.isConnected || this.connection.nats.isClosed()) return;
    const { batches } = this;
    while (batches.sent < MOST_OUTSTANDING && batches.sentBytes < MOST_OUTSTANDING_BYTES) {
      const batch = batches.takeNext();
      if (batch === undefined) return;
      if (batches.sent === 1) this.expectAcknowledgement();
      const reply = `${this.inbox}.${this.generation}.${batch.n}`;
      this.connection.nats.publish(this.settings.subject, batch.encoded(this.incarnation), { reply });
    }
  }

  private received(message: Msg): void {
    const [generation, n] = message.subject.split('.').slice(-2).map(Number);
    if (generation !== this.generation || this.isPaused) return;
    // Without data: nobody takes the message, because JetStream does not run or the stream has no leader.
    const { seq, error }: PubAck = message.data.length === 0 ? {} : message.json();
    const { first } = this.batches;
    // With an error the sequence is 0.
    if (error !== undefined || seq === undefined) this.refused(error);
    else if (first?.n !== n || seq <= this.lastSeq) this.failed('an acknowledgement is missing');
    else this.stored(seq);
  }

  private stored(seq: number): void {
    this.lastSeq = seq;
    this.batches.removeFirst()?.resolve(seq);
    this.succeeded();
  }

  private succeeded(): void {
    if (this.failures > 0) this.settings.log.info({}, 'Log takes messages again');
    this.failures = 0;
    if (this.batches.bytes <= this.settings.limitBytes / 2) this.isFull = false;
    this.cancelTimer();
    if (this.batches.sent > 0) this.expectAcknowledgement();
    this.send();
    this.tellWritable();
  }

  private refused(error: PubAck['error']): void {
    const reason = error?.description ?? 'the stream is not available';
    const isFull = error?.err_code !== undefined && FULL.has(error.err_code);
    if (isFull && this.failures === 0) this.settings.log.error({ reason }, LOG_FULL);
    this.failed(reason);
    if (isFull) this.settings.full?.();
  }

  private failed(reason: string): void {
    if (this.failures === 0) this.settings.log.warn({ reason }, 'Log takes no messages');
    const delayMs = Math.min(retryDelayMs(0, ++this.failures), LONGEST_RETRY_MS);
    this.rewind();
    this.tellWritable();
    this.isPaused = true;
    this.cancelTimer = this.settings.clock.after(delayMs, () => {
      this.isPaused = false;
      this.send();
    });
  }

  private statusChanged(isConnected: boolean): void {
    this.rewind();
    this.isPaused = false;
    if (isConnected) this.send();
    this.tellWritable();
  }

  private rewind(): void {
    this.generation++;
    this.batches.rewind();
    this.cancelTimer();
  }

  private expectAcknowledgement(): void {
    this.cancelTimer = this.settings.clock.after(ACKNOWLEDGEMENT_TIMEOUT_MS, () => this.failed('no acknowledgement'));
  }

  private tellWritable(): void {
    const { isWritable } = this;
    if (isWritable === this.wasWritable) return;
    this.wasWritable = isWritable;
    for (const listener of this.listeners) listener(isWritable);
  }
}

function closed(): Error {
  return new Error('The publisher of the log is closed.');
}
