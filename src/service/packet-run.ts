import type { Address } from '../wire/address.js';
import { measureFrame } from '../wire/frame.js';
import { decodePacket, type Packet, type ReceivedPacket } from '../wire/packet.js';

/** The count of a run fits 16 bits, as in a binary frame. */
const LONGEST_RUN = 65_535;

/** A stretch of memory, in bytes from its beginning. */
interface Piece {
  readonly start: number;
  end: number;
}

/**
 * Packets of one connection that arrived together, whole, in the same memory: told, kept and sent as one. While they lie
 * one right behind the other, they are never copied on that way.
 */
export class PacketRun {
  readonly type = 'packets';
  readonly source: Address;
  readonly protocol: string;
  private memory: ArrayBufferLike;
  /** In the order of arrival; packets of others lie between them. */
  private pieces: Piece[];
  private byteCount: number;
  private packetCount: number;

  constructor(
    /** Of the first packet. */
    readonly seq: number,
    packet: ReceivedPacket,
    /** Unix milliseconds. */
    readonly receivedAt: number,
  ) {
    this.source = packet.source;
    this.protocol = packet.protocol;
    this.memory = packet.frame.buffer;
    this.pieces = [pieceOf(packet.frame)];
    this.byteCount = packet.frame.length;
    this.packetCount = packet.count;
  }

  get lastSeq(): number {
    return this.seq + this.packetCount - 1;
  }

  get bytes(): number {
    return this.byteCount;
  }

  /** Takes in packets that arrived together with the last ones; false when they did not. */
  extend({ frame, count, source }: ReceivedPacket, receivedAt: number): boolean {
    if (frame.buffer !== this.memory || source !== this.source) return false;
    if (receivedAt !== this.receivedAt || this.packetCount + count > LONGEST_RUN) return false;
    const last = this.pieces.at(-1);
    if (last?.end === frame.byteOffset) last.end += frame.length;
    else this.pieces.push(pieceOf(frame));
    this.byteCount += frame.length;
    this.packetCount += count;
    return true;
  }

  /** The frames of the packets from `seq` on, one behind the other. */
  framesFrom(seq: number): Buffer {
    const frames = this.gathered();
    let at = 0;
    for (let skip = seq - this.seq; skip > 0; skip--) at += frameLength(frames, at);
    return at === 0 ? frames : frames.subarray(at);
  }

  /** The packets from `seq` on, each with its `seq`. */
  *packetsFrom(seq: number): Generator<{ readonly seq: number; readonly packet: Packet }> {
    const frames = this.framesFrom(seq);
    let one = seq;
    for (let at = 0; at < frames.length; one++) {
      const end = at + frameLength(frames, at);
      const packet = decodePacket(frames.subarray(at, end));
      if (packet !== 'too_short') yield { seq: one, packet };
      at = end;
    }
  }

  /** Nothing follows any more: lets go of memory that is mostly other packets', so that little kept is little held. */
  close(): void {
    if (this.byteCount * 2 < this.memory.byteLength) this.copy();
  }

  private gathered(): Buffer {
    const [only, ...others] = this.pieces;
    return only === undefined || others.length > 0 ? this.copy() : this.read(only);
  }

  private copy(): Buffer {
    const own = Buffer.from(new ArrayBuffer(this.byteCount));
    let at = 0;
    for (const piece of this.pieces) at += this.read(piece).copy(own, at);
    this.memory = own.buffer;
    this.pieces = [pieceOf(own)];
    return own;
  }

  private read({ start, end }: Piece): Buffer {
    return Buffer.from(this.memory, start, end - start);
  }
}

function pieceOf({ byteOffset, length }: Buffer): Piece {
  return { start: byteOffset, end: byteOffset + length };
}

function frameLength(frames: Buffer, at: number): number {
  const length = measureFrame(frames, at, frames.length);
  if (typeof length === 'string') throw new Error(`a frame that was whole is ${length}`);
  return length;
}
