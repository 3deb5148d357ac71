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

/** Copies of a block's pieces that are remembered. */
const MOST_COPIES = 8;

interface Copy {
  readonly pieces: readonly Piece[];
  readonly bytes: Buffer;
}

/** Memory that packets are kept in: written once, from its beginning to its end, and used again when nobody needs it any more. */
export class Block {
  readonly bytes: Buffer;
  filled = 0;
  private readonly tenants = new Set<Tenant>();
  private keptBytes = 0;
  private holders = 0;
  private copies: Copy[] = [];

  constructor(
    size: number,
    /** Nobody needs it any more. */
    private readonly onFree: (block: Block) => void,
  ) {
    this.bytes = Buffer.from(new ArrayBuffer(size));
  }

  /** Whether it would be free if all moved out who keep something, and they keep less than half of it. */
  get isHardlyUsed(): boolean {
    return this.holders === 0 && this.keptBytes * 2 < this.bytes.length;
  }

  /** That tenant keeps so many bytes, or so many more. What several keep counts for each. */
  keep(tenant: Tenant, bytes: number): void {
    this.tenants.add(tenant);
    this.keptBytes += bytes;
  }

  /** It keeps none of the bytes that it kept. */
  leave(tenant: Tenant, bytes: number): void {
    this.tenants.delete(tenant);
    this.keptBytes -= bytes;
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
   * same at about the same time, and share it.
   */
  copyOf(pieces: readonly Piece[]): Buffer {
    const known = this.copies.find((copy) => areSame(copy.pieces, pieces));
    if (known !== undefined) return known.bytes;
    const bytes = copied(this.bytes, pieces);
    this.copies.push({ pieces, bytes });
    if (this.copies.length > MOST_COPIES) this.copies.shift();
    return bytes;
  }

  /** Who asks for the same later gets a copy of its own. */
  forgetCopies(): void {
    this.copies = [];
  }

  private endIfUnused(): void {
    if (this.holders > 0 || this.tenants.size > 0) return;
    this.filled = 0;
    this.forgetCopies();
    this.onFree(this);
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
