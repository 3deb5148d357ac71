import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { PacketRun } from '../service/delivery/packet-run.js';
import { LONGEST_WS_HEADER, packetMessageHead } from './binary.js';

/** Bytes in the socket above which the rest waits in the logs: enough to keep a fast reader busy, little to lose. */
const FULL_BYTES = 2 ** 20;

export interface WriterEvents {
  /** More waits in the socket than may. */
  overflow(): void;
  /** A socket that was full may be so no longer. */
  room(): void;
}

/** Writes messages to one socket, counts what waits in it, and holds the memory of packets until the kernel has them. */
export class Writer {
  /** Bytes in the socket above which it is full. */
  private readonly fullBytes: number;
  private lastMessageBytes = 0;
  /** Bytes written since the last turn began. */
  private turnBytes = 0;
  /** Whether what is written waits, to go out with one system call. */
  private gathers = false;

  constructor(
    private readonly socket: WebSocket,
    /** What the socket writes to. */
    private readonly stream: Duplex,
    private readonly queueBytes: number,
    private readonly events: WriterEvents,
  ) {
    this.fullBytes = Math.min(FULL_BYTES, queueBytes / 2);
  }

  /** What waits in the socket. */
  get bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  /** The same but for the last message: one, however long, may always wait. */
  get waitingBytes(): number {
    return Math.max(0, this.bufferedBytes - this.lastMessageBytes);
  }

  /** Writes all that `write` does by one system call, or a few (`makeRoom`), as long as the socket is open. Answers how many bytes that were. */
  turn(write: () => void): number {
    this.turnBytes = 0;
    if (this.socket.readyState === this.socket.OPEN) {
      this.gather();
      write();
      this.letGo();
    }
    return this.turnBytes;
  }

  /** Whether more may be written in a turn of at most so many bytes. */
  makeRoom(mostBytes: number): boolean {
    const { readyState, OPEN } = this.socket;
    return this.turnBytes < mostBytes && readyState === OPEN && this.makeWaitAtMost(this.fullBytes);
  }

  /** Whether no more than that waits, once the kernel has what it takes at once. */
  private makeWaitAtMost(bytes: number): boolean {
    if (this.gathers && this.bufferedBytes > bytes) {
      this.letGo();
      this.gather();
    }
    return this.bufferedBytes <= bytes;
  }

  private gather(): void {
    if (this.gathers) return;
    this.gathers = true;
    this.stream.cork();
  }

  private letGo(): void {
    if (!this.gathers) return;
    this.gathers = false;
    this.stream.uncork();
  }

  /** Texts that are written at once, as when many watches run out together, go out with one system call. */
  writeText(text: string): void {
    if (!this.mayWrite()) return;
    if (!this.gathers) {
      this.gather();
      queueMicrotask(() => this.letGo());
    }
    const bytes = Buffer.from(text);
    this.socket.send(bytes, { binary: false }, this.count(bytes.length + LONGEST_WS_HEADER));
  }

  /**
   * The packets of a run from `seq` on, in a turn. Straight to the stream: the library's own way takes each part of a message for a
   * frame of its own, which costs some microseconds more.
   */
  writePackets(run: PacketRun, registrationNumber: number, seq: number): void {
    if (!this.mayWrite()) return;
    const frames = run.framesFrom(seq);
    const head = packetMessageHead(frames.length, run.lastSeq - seq + 1, registrationNumber, seq);
    const block = run.lend();
    const tell = this.count(head.length + frames.length);
    this.stream.write(head);
    this.stream.write(frames, () => {
      block?.release();
      tell?.();
    });
  }

  /** False, and the overflow is told, when more waits than may, the last message not counted. */
  private mayWrite(): boolean {
    const may = this.makeWaitAtMost(this.queueBytes + this.lastMessageBytes);
    if (!may) this.events.overflow();
    return may;
  }

  /** Counts a message that is about to be written. The logs wait for a full socket, and must be told when it is no longer. */
  private count(bytes: number): (() => void) | undefined {
    this.lastMessageBytes = bytes;
    this.turnBytes += bytes;
    const mayBeFull = this.bufferedBytes + bytes > this.fullBytes;
    return mayBeFull ? () => this.events.room() : undefined;
  }
}
