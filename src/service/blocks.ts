/** Bytes of a block: what is read at once (256 KiB), and room for the frames whose halves came before and come after. */
const BLOCK_BYTES = 264 * 1024;

/** Blocks that wait to be used again, at most; more is given back to the system. */
const MOST_SPARE = 32;

/** What blocks may take more than twice of what is kept in them, before those who keep little of one move out. */
const SLACK_BYTES = 2 ** 24;

/** Part of a block, in bytes from its beginning. */
export interface Piece {
  readonly start: number;
  readonly end: number;
}

/** Who keeps part of a block. */
export interface Tenant {
  /** Copies its part into memory of its own, and leaves. */
  moveOut(): void;
}

interface Owner {
  /** Of all blocks. */
  keptBytes: number;
  takeBack(block: Block): void;
}

/** Memory that packets are kept in: written once, from its beginning to its end, and used again when nobody needs it any more. */
export class Block {
  readonly bytes: Buffer;
  filled = 0;
  private readonly tenants = new Set<Tenant>();
  private keptBytes = 0;
  private holders = 0;
  private lastPieces: readonly Piece[] = [];
  private lastCopy: Buffer | null = null;

  constructor(
    size: number,
    private readonly owner: Owner,
  ) {
    this.bytes = Buffer.from(new ArrayBuffer(size));
  }

  /** Whether what is kept is less than half of it. */
  get isMostlyFree(): boolean {
    return this.keptBytes * 2 < this.bytes.length;
  }

  /** That tenant keeps so many bytes, or so many more. What several keep counts for each. */
  keep(tenant: Tenant, bytes: number): void {
    this.tenants.add(tenant);
    this.count(bytes);
  }

  /** It keeps none of the bytes that it kept. */
  leave(tenant: Tenant, bytes: number): void {
    this.tenants.delete(tenant);
    this.count(-bytes);
    this.endIfUnused();
  }

  moveAllOut(): void {
    for (const tenant of this.tenants) tenant.moveOut();
  }

  /** Somebody reads from it, or writes into it, until the same calls `release`. */
  hold(): void {
    this.holders++;
  }

  release(): void {
    this.holders--;
    this.endIfUnused();
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

  private count(bytes: number): void {
    this.keptBytes += bytes;
    this.owner.keptBytes += bytes;
  }

  private endIfUnused(): void {
    if (this.holders > 0 || this.tenants.size > 0) return;
    this.filled = 0;
    this.lastCopy = null;
    this.owner.takeBack(this);
  }
}

function areSame(some: readonly Piece[], others: readonly Piece[]): boolean {
  if (some.length !== others.length) return false;
  return some.every(({ start, end }, i) => others[i]?.start === start && others[i]?.end === end);
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
export class Blocks implements Owner {
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
