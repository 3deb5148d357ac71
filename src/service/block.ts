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

/** Where a block comes from. */
export interface BlockOwner {
  /** What is kept in all of its blocks. */
  keptBytes: number;
  /** Nobody needs that block any more. */
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
    private readonly owner: BlockOwner,
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
