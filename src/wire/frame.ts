import { DETECTION_BYTES, type Detected, detect } from './dialects/detect.js';
import type { Dialect, FrameFault } from './dialects/dialect.js';
import type { DialectId } from './dialects/dialect-id.js';
import { viewOf } from './dialects/integers.js';
import { V22 } from './dialects/v22.js';
import { v24 } from './dialects/v24.js';
import type { FrameRun } from './frame-run.js';
import { RunSorter } from './run-sorter.js';

const DIALECTS: Readonly<Record<DialectId, Dialect>> = { '2.2': V22, '2.4': v24 };

/** So many bytes tell nearly every frame's dialect and length. Shorter than the shortest frame. */
const HEAD_BYTES = 16;

/** What a parser finds. The callbacks must not call `push`. */
export interface FrameEvents {
  /** Every whole frame comes in one run. The memory of a run is usually a view of the pushed chunk. */
  run(run: FrameRun): void;
  /** A frame was dropped that ends before its head does. */
  tooShort(): void;
}

/**
 * Splits a byte stream into whole frames, without a socket, and sorts them into runs. The first frame tells the dialect of the stream. A frame
 * that spans chunks is copied, and comes with the last of them. A fault is final.
 */
export class FrameParser {
  private readonly head = Buffer.alloc(DETECTION_BYTES);
  /** The first `filled` bytes of a frame that spans chunks: in `head` until the length is known, then in a buffer of that length. */
  private held = this.head;
  private filled = 0;
  private fault: FrameFault | null = null;

  /** Null before the first frame. */
  private stream: { readonly dialect: Dialect; readonly sorter: RunSorter } | null = null;
  /** Of the frame with the fault `other_dialect`. */
  private strange: Detected | null = null;

  constructor(private readonly events: FrameEvents) {}

  /** The OpenSIPS that made the frame with the fault `other_dialect`; null without that fault. */
  get otherDialect(): Detected | null {
    return this.strange;
  }

  /** Whether an incomplete frame waits for its remaining bytes. */
  get pending(): boolean {
    return this.filled > 0;
  }

  /** Takes the next bytes of the stream. Delivers the frames before a fault; returns the fault, from this call on and every later one. */
  push(chunk: Buffer): FrameFault | null {
    const start = this.pending ? this.hold(chunk, 0) : 0;
    if (this.fault !== null) return this.fault;
    const end = this.sort(chunk, start);
    for (const run of this.stream?.sorter.take(chunk, end) ?? []) this.events.run(run);
    this.hold(chunk, end);
    return this.fault;
  }

  /** Sorts the whole frames from `start` on. Returns where the first one begins that is not whole or has a fault. */
  private sort(chunk: Buffer, start: number): number {
    const view = viewOf(chunk);
    let at = start;
    for (;;) {
      at = this.stream?.sorter.addPlain(chunk, view, at) ?? at;
      const length = this.measure(chunk, at, chunk.length);
      if (length === 0 || at + length > chunk.length) return at;
      this.stream?.sorter.add(chunk, view, at, at + length);
      at += length;
    }
  }

  /** As `Dialect.measure`; 0 also for a fault, which is final. */
  private measure(bytes: Buffer, start: number, end: number): number {
    const { stream } = this;
    const length = stream === null ? this.begin(bytes, start, end) : stream.dialect.measure(bytes, start, end);
    if (typeof length === 'number') return length;
    this.fault = length;
    if (length === 'other_dialect') this.strange = detectedOf(bytes, start, end);
    return 0;
  }

  /** Chooses the dialect by the first frame. */
  private begin(bytes: Buffer, start: number, end: number): number | FrameFault {
    const detected = detect(bytes, start, end);
    if (detected === 0) return 0;
    if (detected === '2.3') return 'other_dialect';
    const dialect = detected === '2.2' || detected === '2.4' ? DIALECTS[detected] : null;
    if (dialect === null) return detected as FrameFault;
    this.stream = { dialect, sorter: new RunSorter(dialect, () => this.events.tooShort()) };
    return dialect.measure(bytes, start, end);
  }

  /** Copies what the held frame still needs, until it is whole. Returns the offset up to which the chunk is used. */
  private hold(chunk: Buffer, start: number): number {
    let at = start;
    while (this.fault === null && at < chunk.length) {
      // A head that does not suffice grows byte by byte, because a dialect never needs more than the frame has.
      const wanted = this.held === this.head ? Math.max(HEAD_BYTES, this.filled + 1) : this.held.length;
      const copied = chunk.copy(this.held, this.filled, at, at + wanted - this.filled);
      this.filled += copied;
      at += copied;
      if (this.held === this.head) {
        this.allocateWhole();
      } else if (this.filled === this.held.length) {
        this.stream?.sorter.addHeld(this.held);
        this.held = this.head;
        this.filled = 0;
        return at;
      }
    }
    return at;
  }

  private allocateWhole(): void {
    const length = this.measure(this.head, 0, this.filled);
    if (length === 0) return;
    this.held = Buffer.allocUnsafe(length);
    this.head.copy(this.held, 0, 0, this.filled);
  }
}

function detectedOf(bytes: Buffer, start: number, end: number): Detected | null {
  const detected = detect(bytes, start, end);
  return detected === '2.2' || detected === '2.3' || detected === '2.4' ? detected : null;
}
