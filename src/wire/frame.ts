import type { Dialect, FrameFault } from './dialects/dialect.js';
import type { FrameRun } from './frame-run.js';
import { RunSorter } from './run-sorter.js';

/** With so many bytes every dialect can measure a frame. Shorter than the shortest frame. */
const HEAD_BYTES = 16;

/** What a parser finds. The callbacks must not call `push`. */
export interface FrameEvents {
  /** Every whole frame comes in one run. The memory of a run is usually a view of the pushed chunk. */
  run(run: FrameRun): void;
  /** A frame was dropped that ends before its head does. */
  tooShort(): void;
}

/**
 * Splits a byte stream into whole frames, without a socket. A frame inside one chunk is not copied; a frame that spans
 * chunks is copied once, and is a run of its own. A fault is final.
 */
export class FrameParser {
  private readonly head = Buffer.alloc(HEAD_BYTES);
  /** The first `filled` bytes of a frame that spans chunks: in `head` until the length is known, then in a buffer of that length. */
  private held = this.head;
  private filled = 0;
  private fault: FrameFault | null = null;

  private readonly sorter: RunSorter;

  constructor(
    private readonly dialect: Dialect,
    private readonly events: FrameEvents,
  ) {
    this.sorter = new RunSorter(dialect, () => events.tooShort());
  }

  /** Whether an incomplete frame waits for its remaining bytes. */
  get pending(): boolean {
    return this.filled > 0;
  }

  /** Takes the next bytes of the stream. Delivers the frames before a fault; returns the fault, from this call on and every later one. */
  push(chunk: Buffer): FrameFault | null {
    const { dialect, sorter } = this;
    let at = this.pending ? this.hold(chunk, 0) : 0;
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    while (this.fault === null && at < chunk.length) {
      const length = dialect.measure(chunk, at, chunk.length);
      if (typeof length === 'string') {
        this.fault = length;
      } else if (length === 0 || at + length > chunk.length) {
        at = this.hold(chunk, at);
      } else {
        sorter.add(chunk, view, at, at + length);
        at += length;
      }
    }
    this.deliver();
    return this.fault;
  }

  private deliver(): void {
    for (const run of this.sorter.take()) this.events.run(run);
  }

  /** Copies what the held frame still needs, and delivers it when it is whole. Returns the offset up to which the chunk is used. */
  private hold(chunk: Buffer, start: number): number {
    let at = start;
    while (this.fault === null && at < chunk.length) {
      const copied = chunk.copy(this.held, this.filled, at);
      this.filled += copied;
      at += copied;
      if (this.held === this.head) {
        this.allocateWhole();
      } else if (this.filled === this.held.length) {
        const frame = this.held;
        this.held = this.head;
        this.filled = 0;
        this.sorter.add(frame, new DataView(frame.buffer, frame.byteOffset, frame.length), 0, frame.length);
        this.deliver();
        return at;
      }
    }
    return at;
  }

  private allocateWhole(): void {
    const length = this.dialect.measure(this.head, 0, this.filled);
    if (typeof length === 'string') {
      this.fault = length;
    } else if (length > 0) {
      this.held = Buffer.allocUnsafe(length);
      this.head.copy(this.held);
    }
  }
}
