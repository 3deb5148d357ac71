/** Bytes of a block: what Node reads at once (64 KiB), and room for the frames whose halves came before and come after. */
const BLOCK_BYTES = 72 * 1024;

/** Blocks that wait to be used again, at most; more is given back to the system. */
const MOST_SPARE = 128;

/** Part of a block, in bytes from its beginning. */
export interface Piece {
  readonly start: number;
  readonly end: number;
}

/** Memory that packets are kept in: written once, from its beginning to its end, and used again when nobody holds it any more. */
export class Block {
  readonly bytes: Buffer;
  filled = 0;
  private holders = 0;
  private lastPieces: readonly Piece[] = [];
  private lastCopy: Buffer | null = null;

  constructor(
    size: number,
    private readonly onFree: (block: Block) => void,
  ) {
    this.bytes = Buffer.from(new ArrayBuffer(size));
  }

  hold(): void {
    this.holders++;
  }

  /** Who never releases what it holds leaves the block to the garbage collection. */
  release(): void {
    this.holders--;
    if (this.holders > 0) return;
    this.filled = 0;
    this.lastCopy = null;
    this.onFree(this);
  }

  /**
   * These pieces behind one another, in memory of their own; nobody may change either. Registrations that were told the same ask for the
   * same one after the other, and share it.
   */
  copyOf(pieces: readonly Piece[]): Buffer {
    if (this.lastCopy === null || !areSame(pieces, this.lastPieces)) {
      this.lastCopy = copied(this.bytes, pieces);
      this.lastPieces = pieces;
    }
    return this.lastCopy;
  }
}

function areSame(some: readonly Piece[], others: readonly Piece[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ start, end }, i) => others[i]?.start === start && others[i]?.end === end)
  );
}

function copied(bytes: Buffer, pieces: readonly Piece[]): Buffer {
  const length = pieces.reduce((sum, { start, end }) => sum + end - start, 0);
  const copy = Buffer.from(new ArrayBuffer(length));
  let at = 0;
  for (const { start, end } of pieces) at += bytes.copy(copy, at, start, end);
  return copy;
}

/** Where in which block something is kept. */
export interface Kept extends Piece {
  readonly block: Block;
}

/**
 * Where registrations keep packets: copied once, for however many of them, out of the memory they arrived in. Memory that is kept for
 * a while and then dropped is the dearest there is, since V8 collects its whole heap for each 64 MiB of it: so it is used again.
 */
export class Blocks {
  private readonly spare: Block[] = [];
  private current: Block | null = null;
  /** What was kept last: a packet is told to one registration after the other. */
  private lastFrames: Buffer | null = null;
  private lastKept: Kept | null = null;

  /** Copies these frames, if they are not those that were kept last. Whoever keeps the answer holds its block. */
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

  /** The block that is being filled is held. */
  private roomFor(bytes: number): Block {
    const { current } = this;
    if (current !== null && current.filled + bytes <= current.bytes.length) return current;
    const next = (bytes <= BLOCK_BYTES && this.spare.pop()) || this.create(Math.max(BLOCK_BYTES, bytes));
    next.hold();
    this.current = next;
    current?.release();
    return next;
  }

  private create(size: number): Block {
    return new Block(size, (block) => {
      if (size === BLOCK_BYTES && this.spare.length < MOST_SPARE) this.spare.push(block);
    });
  }
}
