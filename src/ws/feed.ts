import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Block } from '../service/blocks.js';
import type { PacketRun } from '../service/packet-run.js';
import type { Holder, LogEntry, RegistrationLog } from '../service/registration-log.js';
import { packetMessageHead } from './binary.js';
import { textsOf } from './entries.js';
import type { Turns } from './turns.js';

/** Bytes in the socket above which the rest waits in the logs: enough to keep a fast reader busy, little to lose. */
const SOCKET_FULL_BYTES = 2 ** 20;

/** What a socket is sent as text in one turn, in bytes: it costs ten times as much as what is only handed on. */
const TEXT_TURN_BYTES = 2 ** 16;

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
  /** The memory of what this turn has written. */
  private lent: Block[] = [];
  private lastMessageBytes = 0;
  /** Bytes written since the last turn began. */
  private turnBytes = 0;

  constructor(
    private readonly socket: WebSocket,
    /** What the socket writes to. */
    private readonly stream: Duplex,
    private readonly turns: Turns,
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
    this.turns.ask(this);
  }

  replaced(log: RegistrationLog): void {
    this.forget(log);
    this.events.replaced(log);
  }

  /** Sends at once, before what waits in the logs. One message, however long, may always wait. */
  write(text: string): void {
    if (this.isOver()) return;
    const bytes = Buffer.from(text);
    this.socket.send(bytes, { binary: false }, this.wroteMessage(bytes.length + LONGEST_HEADER));
  }

  /**
   * Straight to the stream: the library's own way takes each part of a message for a frame of its own and costs some microseconds more,
   * a twentieth of what packets cost that come in 64 KiB.
   */
  private writePackets(log: RegistrationLog, run: PacketRun): void {
    if (this.isOver()) return;
    const firstSeq = Math.max(run.seq, log.sentSeq + 1);
    const frames = run.framesFrom(firstSeq);
    const count = run.lastSeq - firstSeq + 1;
    const head = packetMessageHead(frames.length, count, log.registration.number, firstSeq);
    this.stream.write(head);
    this.stream.write(frames, this.wroteMessage(head.length + frames.length));
    this.borrow(run);
  }

  /** Ends the socket when more waits in it than may. */
  private isOver(): boolean {
    const over = this.waitsInSocket > this.queueBytes;
    if (over) this.overflow();
    return over;
  }

  /** Counts a message that is about to be written. The logs wait for a full socket, and must be told when it is no longer. */
  private wroteMessage(bytes: number): (() => void) | undefined {
    this.lastMessageBytes = bytes;
    this.turnBytes += bytes;
    const mayBeFull = this.socket.bufferedAmount + bytes > this.fullBytes;
    return mayBeFull ? () => this.turns.ask(this) : undefined;
  }

  /** Sends what the logs were told, as far as this turn and the socket allow. */
  pump(mostBytes: number): void {
    this.turnBytes = 0;
    const most = this.binary ? mostBytes : TEXT_TURN_BYTES;
    const waits = this.socket.bufferedAmount > 0;
    if (this.socket.readyState === this.socket.OPEN) {
      // One system call for all of it.
      this.stream.cork();
      for (const log of [...this.behind]) if (this.places.get(log)?.announced) this.sendOn(log, waits, most);
      this.stream.uncork();
      this.giveBack();
    }
    // A socket that is closing takes nothing more, and its client may be slow to agree.
    if (this.behind.size > 0 && this.waitsInSocket + this.waitsInLogs() > this.queueBytes) this.overflow();
    if (this.turnBytes >= most) this.turns.ask(this);
  }

  private sendOn(log: RegistrationLog, waits: boolean, most: number): void {
    if (!log.covers(log.sentSeq)) {
      this.events.overflow('what waited for this socket is more than is kept; read faster');
      return;
    }
    this.behind.delete(log);
    for (const entry of log.after(log.sentSeq)) {
      // What waits in the socket must not hold the memory of what others were sent.
      if (entry.type === 'packets' && waits) entry.close();
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
      if (this.isFull(most)) return false;
      this.writePackets(log, entry);
      log.sentSeq = entry.lastSeq;
      return true;
    }
    for (const { lastSeq, text } of textsOf(log, entry)) {
      if (this.isFull(most)) return false;
      this.write(text);
      log.sentSeq = lastSeq;
    }
    return true;
  }

  private isFull(most: number): boolean {
    const { bufferedAmount, readyState, OPEN } = this.socket;
    return bufferedAmount > this.fullBytes || this.turnBytes >= most || readyState !== OPEN;
  }

  private borrow(run: PacketRun): void {
    const block = run.lend();
    if (block !== null) this.lent.push(block);
  }

  /** What the kernel has not taken yet is read from its memory some time later: that is given back to no one. */
  private giveBack(): void {
    if (this.socket.bufferedAmount === 0) for (const block of this.lent) block.release();
    this.lent = [];
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
