import type { Address } from '../../wire/address.js';
import { measureFrame } from '../../wire/frame.js';
import { decodePacket, type Packet, type ReceivedPacket } from '../../wire/packet.js';
import type { Chunk, Slice, SliceOwner } from './chunk.js';
import type { ChunkSlice } from './chunk-pool.js';

/** The packet count of a binary frame has 16 bits. */
const COUNT_LIMIT = 65_535;

/** Packets of one connection that arrived together and lie in the same chunk: one log entry, sent as one message. */
export class PacketRun implements SliceOwner {
  readonly type = 'packets';
  readonly source: Address;
  readonly protocol: string;
  /** Null once the run is detached or released. */
  private chunk: Chunk | null;
  private memory: Buffer;
  /** In order of arrival, at least one. Packets for other registrations lie between them. */
  private slices: [Slice, ...Slice[]];
  private byteCount: number;
  private packetCount: number;

  constructor(
    /** Of the first packet. */
    readonly seq: number,
    { source, protocol, count }: ReceivedPacket,
    { chunk, start, end }: ChunkSlice,
    /** Unix milliseconds. */
    readonly receivedAt: number,
  ) {
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
  extend({ count, source }: ReceivedPacket, { chunk, start, end }: ChunkSlice, receivedAt: number): boolean {
    if (chunk !== this.chunk || source !== this.source) return false;
    if (receivedAt !== this.receivedAt || this.packetCount + count > COUNT_LIMIT) return false;
    const last = this.slices.at(-1);
    if (last?.end === start) this.slices[this.slices.length - 1] = { start: last.start, end };
    else this.slices.push({ start, end });
    chunk.retain(this, end - start);
    this.byteCount += end - start;
    this.packetCount += count;
    return true;
  }

  /** The frames of the packets from `seq` on, without gaps; valid until the run is released and unpinned. */
  framesFrom(seq: number): Buffer {
    const frames = this.contiguous();
    let at = 0;
    for (let skip = seq - this.seq; skip > 0; skip--) at += frameLength(frames, at);
    return at === 0 ? frames : frames.subarray(at);
  }

  /** The packets from `seq` on, each with its `seq`. */
  *packetsFrom(seq: number): Generator<{ readonly seq: number; readonly packet: Packet }> {
    const frames = this.framesFrom(seq);
    let next = seq;
    for (let at = 0; at < frames.length; next++) {
      const end = at + frameLength(frames, at);
      const packet = decodePacket(frames.subarray(at, end));
      if (packet !== 'too_short') yield { seq: next, packet };
      at = end;
    }
  }

  /** Detaches the run from a chunk of which it uses less than half; it cannot be extended then. */
  detachIfSmall(): void {
    if (this.chunk !== null && this.byteCount * 2 < this.chunk.bytes.length) this.detach();
  }

  detach(): void {
    if (this.chunk === null) return;
    this.memory = this.chunk.copyOf(this.slices);
    this.slices = [{ start: 0, end: this.byteCount }];
    this.release();
  }

  /** Pins the chunk behind `framesFrom` and returns it, for the caller to unpin; null when the run has its own memory. */
  pin(): Chunk | null {
    this.chunk?.pin();
    return this.chunk;
  }

  release(): void {
    this.chunk?.release(this, this.byteCount);
    this.chunk = null;
  }

  private contiguous(): Buffer {
    if (this.slices.length > 1) this.detach();
    const [{ start, end }] = this.slices;
    return this.memory.subarray(start, end);
  }
}

function frameLength(frames: Buffer, at: number): number {
  const length = measureFrame(frames, at, frames.length);
  if (typeof length === 'string') throw new Error(`a stored frame is invalid: ${length}`);
  return length;
}
