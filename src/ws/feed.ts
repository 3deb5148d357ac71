import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Holder, RegistrationLog } from '../service/registration-log.js';
import { type Message, messagesOf } from './entries.js';

/** Bytes in the socket above which the rest waits in the logs: enough to keep a fast reader busy, little to lose. */
const SOCKET_FULL_BYTES = 2 ** 20;

/** What a socket is sent at most in one turn of the event loop, in bytes: others must have theirs while it catches up. */
const TURN_BYTES = 2 ** 16;

/** The header of a WebSocket frame, unmasked, in bytes. */
const LONGEST_HEADER = 10;

/** The place of one followed log. */
interface Place {
  /** The newest `seq` when this socket began to follow: what was told before was not made to wait by this socket. */
  readonly from: number;
  /** False until the client has been sent the answer that names the registration. */
  announced: boolean;
}

/** What a feed cannot go on after; `words` say why. */
export interface FeedEvents {
  /** More waits than may wait, or what waits is no longer kept. */
  overflow(words: string): void;
  /** Another socket has taken this registration over. */
  replaced(log: RegistrationLog): void;
}

/** The logs that one socket follows: sends what they are told, in order, as fast as the client reads. */
export class Feed implements Holder {
  private readonly places = new Map<RegistrationLog, Place>();
  /** Logs that were told something since they were last sent whole. */
  private readonly behind = new Set<RegistrationLog>();
  /** Bytes in the socket above which nothing of the logs is added. */
  private readonly fullBytes: number;
  private lastMessageBytes = 0;
  private turnBytes = 0;
  private pumpScheduled = false;

  constructor(
    private readonly socket: WebSocket,
    /** What the socket writes to. */
    private readonly stream: Duplex,
    /** Whether packets travel as binary frames. */
    private readonly binary: boolean,
    private readonly queueBytes: number,
    private readonly events: FeedEvents,
  ) {
    this.fullBytes = Math.min(SOCKET_FULL_BYTES, queueBytes / 2);
  }

  get logs(): Iterable<RegistrationLog> {
    return this.places.keys();
  }

  get size(): number {
    return this.places.size;
  }

  /** What waits in the socket, and behind `sentSeq` in the logs. */
  get waitingBytes(): number {
    return this.socket.bufferedAmount + this.waitsInLogs();
  }

  /** What follows the log's `sentSeq` will be sent, but not before `announced`. */
  follow(log: RegistrationLog): void {
    this.places.set(log, { from: log.seq, announced: false });
  }

  /** The client has been sent the answer that names the registration. */
  announced(log: RegistrationLog): void {
    const place = this.places.get(log);
    if (place === undefined || place.announced) return;
    place.announced = true;
    this.appended(log);
  }

  forget(log: RegistrationLog): void {
    this.places.delete(log);
    this.behind.delete(log);
  }

  appended(log: RegistrationLog): void {
    this.behind.add(log);
    this.schedulePump();
  }

  replaced(log: RegistrationLog): void {
    this.forget(log);
    this.events.replaced(log);
  }

  /** Sends at once, before what waits in the logs. One message, however long, may always wait. */
  write(message: Message): void {
    const parts = typeof message === 'string' ? [Buffer.from(message)] : message;
    const binary = typeof message !== 'string';
    if (this.waitsInSocket > this.queueBytes) {
      this.overflow();
      return;
    }
    this.lastMessageBytes = 0;
    for (const [i, part] of parts.entries()) this.writePart(part, { binary, fin: i === parts.length - 1 });
  }

  private writePart(part: Buffer, options: { readonly binary: boolean; readonly fin: boolean }): void {
    const bytes = part.length + LONGEST_HEADER;
    this.lastMessageBytes += bytes;
    this.turnBytes += bytes;
    // The logs wait for a full socket, and must be told when it is no longer.
    const mayBeFull = this.socket.bufferedAmount + bytes > this.fullBytes;
    if (mayBeFull) this.socket.send(part, options, () => this.schedulePump());
    else this.socket.send(part, options);
  }

  /** Once a turn of the event loop, so that what arrives together leaves together. */
  private schedulePump(): void {
    if (this.pumpScheduled) return;
    this.pumpScheduled = true;
    setImmediate(() => {
      this.pumpScheduled = false;
      this.pump();
    });
  }

  private pump(): void {
    this.turnBytes = 0;
    const waits = this.socket.bufferedAmount > 0;
    if (this.socket.readyState === this.socket.OPEN) {
      // One system call for all of it.
      this.stream.cork();
      for (const log of [...this.behind]) if (this.places.get(log)?.announced) this.sendOn(log, waits);
      this.stream.uncork();
    }
    // A socket that is closing takes nothing more, and its client may be slow to agree.
    if (this.behind.size > 0 && this.waitsInSocket + this.waitsInLogs() > this.queueBytes) this.overflow();
    if (this.turnBytes >= TURN_BYTES) this.schedulePump();
  }

  private sendOn(log: RegistrationLog, waits: boolean): void {
    if (!log.covers(log.sentSeq)) {
      this.events.overflow('what waited for this socket is more than is kept; read faster');
      return;
    }
    this.behind.delete(log);
    for (const entry of log.after(log.sentSeq)) {
      // What waits in the socket must not hold the memory of what others were sent.
      if (entry.type === 'packets' && waits) entry.close();
      for (const { lastSeq, message } of messagesOf(log, entry, this.binary)) {
        if (this.socket.bufferedAmount > this.fullBytes || this.turnBytes >= TURN_BYTES) {
          // Behind the others: next time it is their turn first.
          this.behind.add(log);
          return;
        }
        this.write(message);
        log.sentSeq = lastSeq;
      }
    }
  }

  private overflow(): void {
    this.events.overflow(`more than ${this.queueBytes} bytes waited for this socket; read faster`);
  }

  private get waitsInSocket(): number {
    return Math.max(0, this.socket.bufferedAmount - this.lastMessageBytes);
  }

  private waitsInLogs(): number {
    let bytes = 0;
    for (const log of this.behind) {
      const from = this.places.get(log)?.from ?? 0;
      bytes += log.bytesAfter(Math.max(from, log.sentSeq));
    }
    return bytes;
  }
}
