/** Part of a chunk, in bytes from its start. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

/** An object that retains slices of a chunk. */
export interface SliceOwner {
  /** Copies its slices into memory of its own and releases the chunk. */
  detach(): void;
}

/** Copies that a chunk remembers, so that several owners of the same slices share one. */
const COPIES_LIMIT = 8;

interface Copy {
  readonly slices: readonly Slice[];
  readonly bytes: Buffer;
}

/**
 * Memory for packets, written once from start to end. It is free when no owner retains a slice and nothing pins it; then it is
 * used again.
 */
export class Chunk {
  readonly bytes: Buffer;
  filled = 0;
  private readonly owners = new Set<SliceOwner>();
  private retainedBytes = 0;
  private pins = 0;
  private copies: Copy[] = [];

  constructor(
    size: number,
    private readonly onFree: (chunk: Chunk) => void,
  ) {
    this.bytes = Buffer.from(new ArrayBuffer(size));
  }

  /** True when less than half is retained and nothing pins the chunk: compacting it frees it. */
  get isSparse(): boolean {
    return this.pins === 0 && this.retainedBytes * 2 < this.bytes.length;
  }

  /** The owner retains this many bytes more. Bytes with several owners count once for each. */
  retain(owner: SliceOwner, bytes: number): void {
    this.owners.add(owner);
    this.retainedBytes += bytes;
  }

  /** The owner releases all that it retained, which were this many bytes. */
  release(owner: SliceOwner, bytes: number): void {
    this.owners.delete(owner);
    this.retainedBytes -= bytes;
    this.freeIfUnused();
  }

  /** Detaches every owner. */
  compact(): void {
    for (const owner of this.owners) owner.detach();
  }

  /** Keeps the bytes as they are, for a reader or a writer, until the matching `unpin`. */
  pin(): void {
    this.pins++;
  }

  unpin(): void {
    this.pins--;
    this.freeIfUnused();
  }

  /**
   * These slices, joined, in memory of their own. Owners of the same slices share one copy, so it is read-only: registrations with
   * the same packets ask for it at about the same time.
   */
  copyOf(slices: readonly Slice[]): Buffer {
    const known = this.copies.find((copy) => areEqual(copy.slices, slices));
    if (known !== undefined) return known.bytes;
    const bytes = join(this.bytes, slices);
    this.copies.push({ slices, bytes });
    if (this.copies.length > COPIES_LIMIT) this.copies.shift();
    return bytes;
  }

  /** Copies that were handed out stay valid; later callers of `copyOf` get new ones. */
  dropCopies(): void {
    this.copies = [];
  }

  private freeIfUnused(): void {
    if (this.pins > 0 || this.owners.size > 0) return;
    this.filled = 0;
    this.dropCopies();
    this.onFree(this);
  }
}

function areEqual(some: readonly Slice[], others: readonly Slice[]): boolean {
  if (some.length !== others.length) return false;
  return some.every(({ start, end }, i) => others[i]?.start === start && others[i]?.end === end);
}

function join(bytes: Buffer, slices: readonly Slice[]): Buffer {
  const length = slices.reduce((sum, { start, end }) => sum + end - start, 0);
  const joined = Buffer.from(new ArrayBuffer(length));
  let at = 0;
  for (const { start, end } of slices) at += bytes.copy(joined, at, start, end);
  return joined;
}
