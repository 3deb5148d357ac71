import type { FrameRun } from '../../wire/frame-run.js';
import { Chunk, type ChunkSlice, type ChunkSource } from './chunk.js';

/** Bytes of a chunk: one read (256 KiB), and room for the frames that cross its ends. */
const CHUNK_BYTES = 264 * 1024;

/** Free chunks that wait to be used again; more are left to the garbage collector. */
const SPARE_LIMIT = 32;

/** Chunks started between two compactions: 16 MiB. */
const COMPACTION_INTERVAL = Math.floor(2 ** 24 / CHUNK_BYTES);

/** The chunk that is being filled. It stays pinned. */
interface Current {
  chunk: Chunk | null;
}

/**
 * Memory for the packets that registrations keep. Frames are copied once out of the read buffer, for any number of registrations.
 * Chunks are used again because V8 collects its whole heap for every 64 MiB of buffers that are allocated and dropped.
 */
export class ChunkPool implements ChunkSource {
  private started = 0;
  private readonly used = new Set<Chunk>();
  private readonly spare: Chunk[] = [];
  private readonly arriving: Current = { chunk: null };
  /** Apart from what arrives: copies are of packets that are kept for long, so that what lies together is dropped together. */
  private readonly copied: Current = { chunk: null };
  /** The last `store`: one registration after another stores the same run. */
  private lastRun: FrameRun | null = null;
  private lastSlice: ChunkSlice | null = null;

  /** Copies the packets of a run, unless it was stored last. The caller retains the slice if it keeps it. */
  store(run: FrameRun): ChunkSlice {
    if (run === this.lastRun && this.lastSlice !== null) return this.lastSlice;
    const bytes = run.pieces.reduce((sum, { length }) => sum + length, 0);
    const chunk = this.chunkFor(this.arriving, bytes);
    const start = chunk.filled;
    for (const piece of run.pieces) {
      chunk.bytes.set(piece, chunk.filled);
      chunk.filled += piece.length;
    }
    this.lastRun = run;
    this.lastSlice = { chunk, start, end: chunk.filled };
    return this.lastSlice;
  }

  reserve(bytes: number): ChunkSlice {
    const chunk = this.chunkFor(this.copied, bytes);
    const start = chunk.filled;
    chunk.filled += bytes;
    return { chunk, start, end: chunk.filled };
  }

  freed(chunk: Chunk): void {
    this.used.delete(chunk);
    if (chunk.bytes.length === CHUNK_BYTES && this.spare.length < SPARE_LIMIT) this.spare.push(chunk);
  }

  /**
   * Moves slices out of sparse chunks, so that 30 bytes cannot keep a whole chunk. Chunks then take at most twice what registrations
   * keep (bytes that several keep count for each).
   */
  compact(): void {
    for (const chunk of [...this.used]) {
      if (chunk.isSparse) chunk.compact();
      chunk.dropCopies();
    }
  }

  private chunkFor(current: Current, bytes: number): Chunk {
    const { chunk } = current;
    if (chunk !== null && chunk.filled + bytes <= chunk.bytes.length) return chunk;
    if (current === this.arriving && ++this.started % COMPACTION_INTERVAL === 0) this.compact();
    const next = (bytes <= CHUNK_BYTES && this.spare.pop()) || new Chunk(Math.max(CHUNK_BYTES, bytes), this);
    this.used.add(next);
    next.pin();
    current.chunk = next;
    chunk?.unpin();
    return next;
  }
}
