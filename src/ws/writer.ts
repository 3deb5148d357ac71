import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Chunk } from '../service/delivery/chunk.js';
import type { PacketRun } from '../service/delivery/packet-run.js';
import { packetMessageHead } from './binary.js';
import { frameHeader } from './frame-header.js';

/** A socket with more than this many bytes is full, and the rest waits in the logs: enough for a fast reader, little to lose. */
const FULL_BYTES = 2 ** 20;

/** A socket that keeps this many chunks of packets (2 MiB) is full, too, however few bytes of them are its own. */
const FULL_CHUNKS = 8;

export interface WriterEvents {
  /** More waits in the socket than `queueBytes` allows. */
  overflow(): void;
  /** A socket that may have been full has sent something. */
  drain(): void;
}

/** Writes messages to the stream of one socket, counts what waits in it, and pins the memory of packets until the kernel has taken them. */
export class Writer {
  private readonly fullBytes: number;
  private lastMessageBytes = 0;
  /** Bytes written since the batch began. */
  private batchBytes = 0;
  private isCorked = false;
  /** How many chunks hold what waits, and the last one while it waits. A chunk counts again when another came between. */
  private waitingChunks = 0;
  private lastChunk: Chunk | null = null;

  constructor(
    private readonly socket: WebSocket,
    /** The connection under the socket. */
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

  /** What waits, without the last message: a single one may always wait, however long it is. */
  get waitingBytes(): number {
    return Math.max(0, this.bufferedBytes - this.lastMessageBytes);
  }

  /** Runs `write`, if the socket is open, with one system call for all it writes (or a few, see `hasRoom`). Returns the bytes written. */
  batch(write: () => void): number {
    this.batchBytes = 0;
    if (this.socket.readyState === this.socket.OPEN) {
      this.cork();
      write();
      this.uncork();
    }
    return this.batchBytes;
  }

  /** Whether this batch may go on: below its budget, and the socket is not full. Flushes a full socket to find out. */
  hasRoom(budget: number): boolean {
    const { readyState, OPEN } = this.socket;
    return this.batchBytes < budget && readyState === OPEN && this.drainsTo(this.fullBytes, FULL_CHUNKS - 1);
  }

  /** Whether at most this much waits, after the kernel has taken what it can. */
  private drainsTo(bytes: number, chunks = Number.POSITIVE_INFINITY): boolean {
    if (this.isCorked && (this.bufferedBytes > bytes || this.waitingChunks > chunks)) {
      this.uncork();
      this.cork();
    }
    const { bufferedBytes } = this;
    if (bufferedBytes === 0) this.waitingChunks = 0;
    return bufferedBytes <= bytes && this.waitingChunks <= chunks;
  }

  private cork(): void {
    if (this.isCorked) return;
    this.isCorked = true;
    this.stream.cork();
  }

  private uncork(): void {
    if (!this.isCorked) return;
    this.isCorked = false;
    this.stream.uncork();
  }

  /** Texts written in the same microtask go out with one system call, for example when many machines fall silent together. */
  writeText(text: string): void {
    if (!this.canWrite()) return;
    if (!this.isCorked) {
      this.cork();
      queueMicrotask(() => this.uncork());
    }
    const bytes = Buffer.from(text);
    const header = frameHeader('text', bytes.length);
    const onDrain = this.count(header.length + bytes.length);
    this.stream.write(header);
    this.stream.write(bytes, onDrain);
  }

  /** Writes the packets of a run from `seq` on, in a batch. */
  writePackets(run: PacketRun, registrationNumber: number, seq: number): void {
    if (!this.canWrite()) return;
    const pieces = run.framesFrom(seq);
    const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
    const head = packetMessageHead(run.dialect.id, bytes, run.lastSeq - seq + 1, registrationNumber, seq);
    const chunk = run.pin();
    this.countChunk(chunk);
    const onDrain = this.count(head.length + bytes);
    this.stream.write(head);
    const last = pieces.length - 1;
    for (let i = 0; i < last; i++) this.stream.write(pieces[i]);
    this.stream.write(pieces[last], () => {
      chunk?.unpin();
      if (chunk === this.lastChunk) this.lastChunk = null;
      onDrain?.();
    });
  }

  /** Reports an overflow and returns false when too much waits, the last message not counted. */
  private canWrite(): boolean {
    const canWrite = this.drainsTo(this.queueBytes + this.lastMessageBytes);
    if (!canWrite) this.events.overflow();
    return canWrite;
  }

  /** Counts a message before it is written. Returns the callback that resumes the logs if the message may fill the socket. */
  private count(bytes: number): (() => void) | undefined {
    this.lastMessageBytes = bytes;
    this.batchBytes += bytes;
    const mayBeFull = this.bufferedBytes + bytes > this.fullBytes || this.waitingChunks >= FULL_CHUNKS;
    return mayBeFull ? () => this.events.drain() : undefined;
  }

  private countChunk(chunk: Chunk | null): void {
    if (chunk === null || (chunk === this.lastChunk && this.waitingChunks > 0)) return;
    this.lastChunk = chunk;
    this.waitingChunks++;
  }
}
