import { Block, type BlockOwner, type Piece } from './block.js';

/** Bytes of a block: what is read at once (256 KiB), and room for the frames whose halves came before and come after. */
const BLOCK_BYTES = 264 * 1024;

/** Blocks that wait to be used again, at most; more is given back to the system. */
const MOST_SPARE = 32;

/** What blocks may take more than twice of what is kept in them, before those who keep little of one move out. */
const SLACK_BYTES = 2 ** 24;

/** Where in which block something is kept. */
export interface Kept extends Piece {
  readonly block: Block;
}

/**
 * Where registrations keep packets: copied once, for however many of them, out of the memory they arrived in. Memory that is kept for
 * a while and then dropped is the dearest there is, since V8 collects its whole heap for each 64 MiB of it: so it is used again.
 */
export class Blocks implements BlockOwner {
  keptBytes = 0;
  private takenBytes = 0;
  private readonly taken = new Set<Block>();
  private readonly spare: Block[] = [];
  private current: Block | null = null;
  /** What was kept last: a packet is told to one registration after the other. */
  private lastFrames: Buffer | null = null;
  private lastKept: Kept | null = null;

  /** Copies these frames, if they are not those that were kept last. Whoever keeps the answer is a tenant of its block. */
  keep(frames: Buffer): Kept {
    if (frames === this.lastFrames && this.lastKept !== null) return this.lastKept;
    const block = this.roomFor(frames.length);
    const start = block.filled;
    frames.copy(block.bytes, start);
    block.filled += frames.length;
    this.lastFrames = frames;
    this.lastKept = { block, start, end: block.filled };
    return this.lastKept;
  }

  takeBack(block: Block): void {
    this.taken.delete(block);
    this.takenBytes -= block.bytes.length;
    if (block.bytes.length === BLOCK_BYTES && this.spare.length < MOST_SPARE) this.spare.push(block);
  }

  /** The block that is being filled is held. */
  private roomFor(bytes: number): Block {
    const { current } = this;
    if (current !== null && current.filled + bytes <= current.bytes.length) return current;
    if (this.takenBytes > 2 * this.keptBytes + SLACK_BYTES) this.tidyUp();
    const next = (bytes <= BLOCK_BYTES && this.spare.pop()) || new Block(Math.max(BLOCK_BYTES, bytes), this);
    this.taken.add(next);
    this.takenBytes += next.bytes.length;
    next.hold();
    this.current = next;
    current?.release();
    return next;
  }

  /** Who keeps little for long must not hold all that came with it: 30 bytes a whole block. */
  private tidyUp(): void {
    for (const block of this.taken) {
      if (block.isMostlyFree && block !== this.current) block.moveAllOut();
    }
  }
}
