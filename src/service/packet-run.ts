import type { Address } from '../wire/address.js';
import { measureFrame } from '../wire/frame.js';
import { decodePacket, type Packet, type ReceivedPacket } from '../wire/packet.js';

/** The count of a run fits 16 bits, as in a binary frame. */
const LONGEST_RUN = 65_535;

/**
 * Packets of one connection that arrived together, whole and one right behind the other in the same memory: told, kept
 * and sent as one, and never copied on that way.
 */
export class PacketRun {
  readonly type = 'packets';
  readonly source: Address;
  readonly protocol: string;
  private memory: ArrayBufferLike;
  private start: number;
  private end: number;
  private packetCount = 1;

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
    this.start = packet.frame.byteOffset;
    this.end = this.start + packet.frame.length;
  }

  get lastSeq(): number {
    return this.seq + this.packetCount - 1;
  }

  get bytes(): number {
    return this.end - this.start;
  }

  /** Takes a packet in that lies right behind the last one; false when it does not. */
  extend({ frame, source }: ReceivedPacket, receivedAt: number): boolean {
    const follows = frame.buffer === this.memory && frame.byteOffset === this.end;
    if (!follows || source !== this.source || receivedAt !== this.receivedAt || this.packetCount === LONGEST_RUN) {
      return false;
    }
    this.end += frame.length;
    this.packetCount++;
    return true;
  }

  /** The frames of the packets from `seq` on, one behind the other. */
  framesFrom(seq: number): Buffer {
    const frames = Buffer.from(this.memory, this.start, this.bytes);
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
    if (this.bytes * 2 >= this.memory.byteLength) return;
    const own = new Uint8Array(this.framesFrom(this.seq));
    this.memory = own.buffer;
    this.start = 0;
    this.end = own.length;
  }
}

function frameLength(frames: Buffer, at: number): number {
  const length = measureFrame(frames, at, frames.length);
  if (typeof length === 'string') throw new Error(`a frame that was whole is ${length}`);
  return length;
}
