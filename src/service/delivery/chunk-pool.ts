import { Block, type Piece } from './chunk.js';

/** Bytes of a block: what is read at once (256 KiB), and room for the frames whose halves came before and come after. */
const BLOCK_BYTES = 264 * 1024;

/** Blocks that wait to be used again, at most; more is given back to the system. */
const MOST_SPARE = 32;

/** Blocks that are begun until it is looked again who keeps little of one. */
const BLOCKS_BETWEEN = Math.floor(2 ** 24 / BLOCK_BYTES);

/** Where in which block something is kept. */
export interface Kept extends Piece {
  readonly block: Block;
}

/**
 * Where registrations keep packets: copied once, for however many of them, out of the memory they arrived in. Memory that is kept for
 * a while and then dropped is the dearest there is, since V8 collects its whole heap for each 64 MiB of it: so it is used again.
 */
export class Blocks {
  private begun = 0;
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

  /**
   * Who keeps little of a block moves out, for 30 bytes must not hold all of it for long. Then blocks are no more than twice what
   * registrations keep, where what several keep counts for each.
   */
  tidyUp(): void {
    for (const block of this.taken) {
      if (block.isHardlyUsed) block.moveAllOut();
      block.forgetCopies();
    }
  }

  /** The block that is being filled is held. */
  private roomFor(bytes: number): Block {
    const { current } = this;
    if (current !== null && current.filled + bytes <= current.bytes.length) return current;
    if (++this.begun % BLOCKS_BETWEEN === 0) this.tidyUp();
    const next = (bytes <= BLOCK_BYTES && this.spare.pop()) || this.create(Math.max(BLOCK_BYTES, bytes));
    this.taken.add(next);
    next.hold();
    this.current = next;
    current?.release();
    return next;
  }

  private create(size: number): Block {
    return new Block(size, (block) => {
      this.taken.delete(block);
      if (size === BLOCK_BYTES && this.spare.length < MOST_SPARE) this.spare.push(block);
    });
  }
}
