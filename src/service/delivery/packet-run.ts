import type { Address } from '../../wire/address.js';
import type { Dialect, PacketHead } from '../../wire/dialects/dialect.js';
import { viewOf } from '../../wire/dialects/integers.js';
import type { ReceivedRun } from '../../wire/frame-run.js';
import type { Chunk, ChunkSlice, Slice, SliceOwner } from './chunk.js';

/** The packet count of a binary frame has 16 bits. */
const COUNT_LIMIT = 65_535;

/** A slice of fewer bytes costs more to write than to copy. */
const SMALL_SLICE_BYTES = 4_096;

/** One packet of a run. Offsets in `head` count from the start of `frame`. */
export interface RunPacket {
  readonly seq: number;
  readonly head: PacketHead;
  readonly frame: Buffer;
}

/** Packets of one connection that arrived together and lie in the same chunk: one log entry, sent as one message. All are of one dialect. */
export class PacketRun implements SliceOwner {
  readonly type = 'packets';
  readonly dialect: Dialect;
  readonly source: Address;
  readonly protocol: string;
  /** Null once the run is released. */
  private chunk: Chunk | null;
  private memory: Buffer;
  /** In order of arrival, at least one. Packets for other registrations lie between them. */
  private slices: [Slice, ...Slice[]];
  private byteCount: number;
  private packetCount: number;

  constructor(
    /** Of the first packet. */
    readonly seq: number,
    { dialect, source, protocol, count }: ReceivedRun,
    { chunk, start, end }: ChunkSlice,
    /** Unix milliseconds. */
    readonly receivedAt: number,
    /** Whether the packets are those of a sync. */
    readonly isSync = false,
  ) {
    this.dialect = dialect;
    this.source = source;
    this.protocol = protocol;
    this.chunk = chunk;
    this.memory = chunk.bytes;
    this.slices = [{ start, end }];
    this.byteCount = end - start;
    this.packetCount = count;
    chunk.retain(this, this.byteCount);
  }

  get lastSeq(): number {
    return this.seq + this.packetCount - 1;
  }

  get bytes(): number {
    return this.byteCount;
  }

  /** Adds packets that arrived together with the last ones; returns false when they did not. */
  extend(run: ReceivedRun, { chunk, start, end }: ChunkSlice, receivedAt: number, isSync = false): boolean {
    const { dialect, count, source } = run;
    if (chunk !== this.chunk || source !== this.source || dialect !== this.dialect) return false;
    if (receivedAt !== this.receivedAt || isSync !== this.isSync) return false;
    if (this.packetCount + count > COUNT_LIMIT) return false;
    const last = this.slices.at(-1);
    if (last?.end === start) this.slices[this.slices.length - 1] = { start: last.start, end };
    else this.slices.push({ start, end });
    chunk.retain(this, end - start);
    this.byteCount += end - start;
    this.packetCount += count;
    return true;
  }

  /** The frames of the packets from `seq` on, in a few pieces; valid until the run is released and unpinned. */
  framesFrom(seq: number): readonly Buffer[] {
    if (this.byteCount < this.slices.length * SMALL_SLICE_BYTES) this.join();
    if (seq === this.seq) return this.slices.map(({ start, end }) => this.memory.subarray(start, end));
    const frames = this.join();
    const view = viewOf(frames);
    let at = 0;
    for (let skip = seq - this.seq; skip > 0; skip--) at += this.frameLength(frames, view, at);
    return [frames.subarray(at)];
  }

  /** The packets from `seq` on. */
  *packetsFrom(seq: number): Generator<RunPacket> {
    let next = seq;
    for (const frames of this.framesFrom(seq)) {
      const view = viewOf(frames);
      for (let at = 0; at < frames.length; next++) {
        const end = at + this.frameLength(frames, view, at);
        const frame = frames.subarray(at, end);
        const head = this.dialect.decode(frame);
        if (head === 'too_short') throw new Error('a stored frame has no whole head');
        yield { seq: next, head, frame };
        at = end;
      }
    }
  }

  /** It cannot be extended then. */
  move(): void {
    if (this.chunk === null) return;
    const { chunk, start, end } = this.chunk.copyOf(this.slices);
    // First, because a chunk that nobody retains is used again.
    chunk.retain(this, this.byteCount);
    this.release();
    this.chunk = chunk;
    this.memory = chunk.bytes;
    this.slices = [{ start, end }];
  }

  /** Pins the chunk behind `framesFrom` and returns it, for the caller to unpin; null when the run is released. */
  pin(): Chunk | null {
    this.chunk?.pin();
    return this.chunk;
  }

  release(): void {
    this.chunk?.release(this, this.byteCount);
    this.chunk = null;
  }

  /** Makes one slice of all. */
  private join(): Buffer {
    if (this.slices.length > 1) this.move();
    const [{ start, end }] = this.slices;
    return this.memory.subarray(start, end);
  }

  private frameLength(frames: Buffer, view: DataView, at: number): number {
    const length = this.dialect.plainLength(view, at, frames.length) || this.dialect.measure(frames, at, frames.length);
    if (typeof length === 'string') throw new Error(`a stored frame is invalid: ${length}`);
    return length;
  }
}
