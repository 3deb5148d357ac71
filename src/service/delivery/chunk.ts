/** Part of a chunk, in bytes from its start. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

export interface ChunkSlice extends Slice {
  readonly chunk: Chunk;
}

/** An object that retains slices of a chunk. */
export interface SliceOwner {
  /** Moves to a copy of its slices, in another chunk, and releases this one. */
  move(): void;
}

/** Where a chunk is from. */
export interface ChunkSource {
  /** Returns room for a copy, in another chunk. */
  reserve(bytes: number): ChunkSlice;
  /** The chunk may be used again. */
  freed(chunk: Chunk): void;
}

/** Copies that a chunk remembers, so that several owners of the same slices share one. */
const COPIES_LIMIT = 8;

/** Its chunk is pinned as long as it is remembered. */
interface Copy {
  readonly slices: readonly Slice[];
  readonly slice: ChunkSlice;
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
    private readonly source: ChunkSource,
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

  /** Moves every owner to another chunk. */
  compact(): void {
    for (const owner of this.owners) owner.move();
  }

  /** Keeps the bytes as they are, for a reader or a writer, until the matching `unpin`. */
  pin(): void {
    this.pins++;
  }

  unpin(): void {
    this.pins--;
    this.freeIfUnused();
  }

  /** A copy of these slices, joined. Their owners share it: registrations with the same packets ask for it at about the same time. */
  copyOf(slices: readonly Slice[]): ChunkSlice {
    const known = this.copies.find((copy) => areEqual(copy.slices, slices));
    if (known !== undefined) return known.slice;
    const slice = this.source.reserve(slices.reduce((sum, { start, end }) => sum + end - start, 0));
    let at = slice.start;
    for (const { start, end } of slices) at += this.bytes.copy(slice.chunk.bytes, at, start, end);
    slice.chunk.pin();
    this.copies.push({ slices, slice });
    if (this.copies.length > COPIES_LIMIT) this.copies.shift()?.slice.chunk.unpin();
    return slice;
  }

  /** Copies stay valid for those who retain them; later callers of `copyOf` get new ones. */
  dropCopies(): void {
    const { copies } = this;
    if (copies.length === 0) return;
    this.copies = [];
    for (const { slice } of copies) slice.chunk.unpin();
  }

  private freeIfUnused(): void {
    if (this.pins > 0 || this.owners.size > 0) return;
    this.filled = 0;
    this.dropCopies();
    this.source.freed(this);
  }
}

function areEqual(some: readonly Slice[], others: readonly Slice[]): boolean {
  if (some.length !== others.length) return false;
  return some.every(({ start, end }, i) => others[i]?.start === start && others[i]?.end === end);
}
