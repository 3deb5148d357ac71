import type { Address } from '../../wire/address.js';
import { measureFrame } from '../../wire/frame.js';
import { decodePacket, type Packet, type ReceivedPacket } from '../../wire/packet.js';
import type { Block, Piece, Tenant } from './chunk.js';
import type { Kept } from './chunk-pool.js';

/** The count of a run fits 16 bits, as in a binary frame. */
const LONGEST_RUN = 65_535;

/** Packets of one connection that arrived together and are kept in the same block: told and sent as one. */
export class PacketRun implements Tenant {
  readonly type = 'packets';
  readonly source: Address;
  readonly protocol: string;
  /** Null: the run has memory of its own. */
  private block: Block | null;
  private memory: Buffer;
  /** In the order of arrival, one at least; packets of others lie between them. */
  private pieces: [Piece, ...Piece[]];
  private byteCount: number;
  private packetCount: number;

  constructor(
    /** Of the first packet. */
    readonly seq: number,
    { source, protocol, count }: ReceivedPacket,
    { block, start, end }: Kept,
    /** Unix milliseconds. */
    readonly receivedAt: number,
  ) {
    this.source = source;
    this.protocol = protocol;
    this.block = block;
    this.memory = block.bytes;
    this.pieces = [{ start, end }];
    this.byteCount = end - start;
    this.packetCount = count;
    block.keep(this, this.byteCount);
  }

  get lastSeq(): number {
    return this.seq + this.packetCount - 1;
  }

  get bytes(): number {
    return this.byteCount;
  }

  /** Takes in packets that arrived together with the last ones; false when they did not. */
  extend({ count, source }: ReceivedPacket, { block, start, end }: Kept, receivedAt: number): boolean {
    if (block !== this.block || source !== this.source) return false;
    if (receivedAt !== this.receivedAt || this.packetCount + count > LONGEST_RUN) return false;
    const last = this.pieces.at(-1);
    if (last?.end === start) this.pieces[this.pieces.length - 1] = { start: last.start, end };
    else this.pieces.push({ start, end });
    block.keep(this, end - start);
    this.byteCount += end - start;
    this.packetCount += count;
    return true;
  }

  /** The frames of the packets from `seq` on, one behind the other; they stay as they are while the run is kept or lent. */
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

  /** Lets go of a block that is mostly other packets'. Nothing is taken in then. */
  moveOutIfSmall(): void {
    if (this.block !== null && this.byteCount * 2 < this.block.bytes.length) this.moveOut();
  }

  moveOut(): void {
    if (this.block === null) return;
    this.memory = this.block.copyOf(this.pieces);
    this.pieces = [{ start: 0, end: this.byteCount }];
    this.release();
  }

  /** The block with what `framesFrom` answers, held until the caller releases it; null when the run has memory of its own. */
  lend(): Block | null {
    this.block?.hold();
    return this.block;
  }

  /** Nobody reads the run any more. */
  release(): void {
    this.block?.leave(this, this.byteCount);
    this.block = null;
  }

  private gathered(): Buffer {
    if (this.pieces.length > 1) this.moveOut();
    const [{ start, end }] = this.pieces;
    return this.memory.subarray(start, end);
  }
}

function frameLength(frames: Buffer, at: number): number {
  const length = measureFrame(frames, at, frames.length);
  if (typeof length === 'string') throw new Error(`a frame that was whole is ${length}`);
  return length;
}
