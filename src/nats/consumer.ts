import { type ConsumerMessages, DeliverPolicy, type JetStreamClient, type JsMsg, jetstream } from '@nats-io/jetstream';
import { messageOf } from '../ground/message-of.js';
import type { Clock, Log } from '../ground/ports.js';
import type { Connection } from './connection.js';
import { decodeMessage, type LogMessage } from './message.js';

/** Messages that the server may send before it is asked for more. */
const WINDOW = 256;
/** Messages that have come and were not delivered: above this, no more are asked for until they are. */
const MOST_WAITING = 512;
/** How long a request for messages stays with the server. The server sends a heartbeat twice in this time. */
const REQUEST_MS = 2_000;
const RETRY_MS = 500;

/** A message of the log at its place. */
export interface StoredMessage extends LogMessage {
  readonly seq: number;
  /** When the stream stored it, in Unix milliseconds with fractions: the same on every replica. */
  readonly timeMs: number;
}

export interface ConsumerSettings {
  readonly stream: string;
  readonly fromSeq: number;
  /** Called in the order of the stream, without gaps. The next message waits for a promise. An error stops the consumer. */
  readonly deliver: (message: StoredMessage) => void | Promise<void>;
  /** The stream does not have the next message any more. The consumer has stopped: the process must start again from a snapshot. */
  readonly onGap: (gap: { readonly expectedSeq: number; readonly foundSeq: number }) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Reads the log. Survives restarts of servers, and changes of the stream's leader. */
export class LogConsumer {
  /** The sequence of the next message. */
  nextSeq: number;
  private messages: ConsumerMessages | null = null;
  private isClosed = false;
  private wake = () => {};
  private readonly client: JetStreamClient;
  /** Resolves when it has stopped. Rejects with the error of `deliver`. */
  readonly stopped: Promise<void>;

  constructor(
    private readonly connection: Connection,
    private readonly settings: ConsumerSettings,
  ) {
    this.client = jetstream(connection.nats);
    this.nextSeq = settings.fromSeq;
    this.stopped = this.run();
    // The owner may look at it later.
    this.stopped.catch(() => {});
  }

  /** Resolves after the message that is being delivered. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.messages?.stop();
    this.wake();
    await this.stopped.catch(() => {});
  }

  private async run(): Promise<void> {
    while (!this.isClosed) {
      const messages = await this.open();
      if (messages !== null) await this.read(messages);
    }
  }

  private async open(): Promise<ConsumerMessages | null> {
    try {
      const consumer = await this.client.consumers.get(this.settings.stream, {
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: this.nextSeq,
      });
      this.messages = await consumer.consume({ max_messages: WINDOW, expires: REQUEST_MS });
      // `close` may have come in the meantime.
      if (this.isClosed) this.messages.stop();
      return this.messages;
    } catch (error) {
      this.settings.log.debug({ err: messageOf(error) }, 'Log cannot be read yet');
      await new Promise<void>((resolve) => {
        const cancel = this.settings.clock.after(RETRY_MS, resolve);
        this.wake = () => {
          cancel();
          resolve();
        };
      });
      return null;
    }
  }

  private async read(messages: ConsumerMessages): Promise<void> {
    let isStopping = false;
    const arriving = messages[Symbol.asyncIterator]();
    void stopWhenSilent(messages);
    // The consumer may have lived on the server that is gone.
    const forget = this.connection.onStatus((isConnected) => {
      if (isConnected) messages.stop();
    });
    try {
      while (!this.isClosed) {
        const next = await arriving.next().catch(() => null);
        // It gave up, or was stopped below: another consumer is made.
        if (next === null || next.done) return;
        await this.take(next.value);
        if (isStopping || messages.getPending() <= MOST_WAITING) continue;
        // What has come is still delivered.
        isStopping = true;
        messages.stop();
      }
    } finally {
      forget();
      messages.stop();
    }
  }

  private async take(message: JsMsg): Promise<void> {
    const { seq } = message;
    // A consumer that was made again may repeat messages.
    if (seq < this.nextSeq) return;
    if (seq > this.nextSeq) {
      this.gap(seq);
      return;
    }
    this.nextSeq = seq + 1;
    const { buffer, byteOffset, byteLength } = message.data;
    const timeMs = Number(message.timestampNanos / 1_000n) / 1_000;
    await this.settings.deliver({ ...decodeMessage(Buffer.from(buffer, byteOffset, byteLength)), seq, timeMs });
  }

  private gap(foundSeq: number): void {
    this.isClosed = true;
    this.messages?.stop();
    this.settings.onGap({ expectedSeq: this.nextSeq, foundSeq });
  }
}

/**
 * Stops after two missed heartbeats; what has come is still delivered. A consumer lives on one server. If that server is gone, the library asks
 * for the consumer until the server is back, and other servers have the log.
 */
async function stopWhenSilent(messages: ConsumerMessages): Promise<void> {
  for await (const { type } of messages.status()) {
    if (type === 'heartbeats_missed') messages.stop();
  }
}
