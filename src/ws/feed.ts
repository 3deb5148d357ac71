import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Holder, LogEntry, RegistrationLog } from '../service/delivery/registration-log.js';
import { textsOf } from './entries.js';
import type { Turns } from './fair-scheduler.js';
import { Writer } from './writer.js';

/** What a socket is sent as text in one turn, in bytes: it costs ten times as much as what is only handed on. */
const TEXT_TURN_BYTES = 2 ** 16;

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
  private readonly writer: Writer;

  constructor(
    socket: WebSocket,
    /** What the socket writes to. */
    stream: Duplex,
    private readonly turns: Turns,
    /** Whether packets travel as binary frames. */
    private readonly binary: boolean,
    private readonly queueBytes: number,
    private readonly events: FeedEvents,
  ) {
    this.writer = new Writer(socket, stream, queueBytes, {
      overflow: () => this.overflow(),
      room: () => turns.ask(this),
    });
  }

  get logs(): Iterable<RegistrationLog> {
    return this.places.keys();
  }

  get size(): number {
    return this.places.size;
  }

  /** What waits in the socket, and behind `sentSeq` in the logs. */
  get waitingBytes(): number {
    return this.writer.bufferedBytes + this.waitsInLogs();
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
    this.turns.ask(this);
  }

  replaced(log: RegistrationLog): void {
    this.forget(log);
    this.events.replaced(log);
  }

  /** Sends at once, before what waits in the logs. One message, however long, may always wait. */
  write(text: string): void {
    this.writer.writeText(text);
  }

  /** Sends what the logs were told, as far as this turn and the socket allow. */
  pump(mostBytes: number): void {
    const most = this.binary ? mostBytes : TEXT_TURN_BYTES;
    const waits = this.writer.bufferedBytes > 0;
    const sent = this.writer.turn(() => {
      for (const log of [...this.behind]) if (this.places.get(log)?.announced) this.sendOn(log, waits, most);
    });
    // A socket that is closing takes nothing more, and its client may be slow to agree.
    if (this.behind.size > 0 && this.writer.waitingBytes + this.waitsInLogs() > this.queueBytes) this.overflow();
    if (sent >= most) this.turns.ask(this);
  }

  private sendOn(log: RegistrationLog, waits: boolean, most: number): void {
    if (!log.covers(log.sentSeq)) {
      this.events.overflow('what waited for this socket is more than is kept; read faster');
      return;
    }
    this.behind.delete(log);
    for (const entry of log.after(log.sentSeq)) {
      // What waits in the socket must not hold the memory of what others were sent.
      if (entry.type === 'packets' && this.binary && waits) entry.moveOutIfSmall();
      if (!this.sendEntry(log, entry, most)) {
        // Behind the others: next time it is their turn first.
        if (this.places.has(log)) this.behind.add(log);
        return;
      }
    }
  }

  /** Answers whether all of it could be sent now. */
  private sendEntry(log: RegistrationLog, entry: LogEntry, most: number): boolean {
    if (entry.type === 'packets' && this.binary) {
      if (!this.writer.makeRoom(most)) return false;
      this.writer.writePackets(entry, log.registration.number, Math.max(entry.seq, log.sentSeq + 1));
      log.sentSeq = entry.lastSeq;
      return true;
    }
    for (const { lastSeq, text } of textsOf(log, entry)) {
      if (!this.writer.makeRoom(most)) return false;
      this.writer.writeText(text);
      log.sentSeq = lastSeq;
    }
    return true;
  }

  private overflow(): void {
    this.events.overflow(`more than ${this.queueBytes} bytes waited for this socket; read faster`);
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
