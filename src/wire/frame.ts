import { coalesceFrames } from './coalesce.js';
import { DIALECT_22 } from './dialect-22.js';
import { hasLaterHeader } from './later-header.js';

/** Why a stream cannot be read any further. The codes are stable: metrics and log use them. */
export type FrameFault = 'bad_marker' | 'bad_length' | 'bad_name_length' | 'other_dialect';

const { lengthAt, nameLengthAt, nameAt, minimumLength } = DIALECT_22;
const MARKER = Buffer.from(DIALECT_22.marker, 'latin1');

/** Enough bytes to check a frame and know its length. Shorter than the shortest frame. */
const HEAD_BYTES = nameAt;

/**
 * Returns the length in bytes of the frame that begins at `start`, from the bytes before `end`: 0 while they are too few,
 * or the fault, as soon as one is visible. The frame itself may extend beyond `end`.
 */
export function measureFrame(bytes: Buffer, start: number, end: number): number | FrameFault {
  const known = end - start;
  const markerBytes = Math.min(known, MARKER.length);
  for (let i = 0; i < markerBytes; i++) {
    if (bytes[start + i] !== MARKER[i]) return 'bad_marker';
  }
  if (known < lengthAt + 2) return 0;
  const length = bytes.readUInt16LE(start + lengthAt);
  if (length < minimumLength) return 'bad_length';
  if (known < HEAD_BYTES) return 0;
  const nameLength = bytes.readInt32LE(start + nameLengthAt);
  if (nameLength >= 0 && nameAt + nameLength <= length) return length;
  return hasLaterHeader(bytes, start, length) ? 'other_dialect' : 'bad_name_length';
}

/**
 * Splits a byte stream into whole frames, without a socket. A frame inside one chunk is not copied; a frame that spans
 * chunks is copied once. A fault is final.
 */
export class FrameParser {
  private readonly head = Buffer.alloc(HEAD_BYTES);
  /** The first `filled` bytes of a frame that spans chunks: in `head` until the length is known, then in a buffer of that length. */
  private held = this.head;
  private filled = 0;
  private fault: FrameFault | null = null;

  /**
   * @param onFrames gets every whole frame in order, with the frames after it that have the same header (`coalesce.ts`). The bytes are
   *   usually a view of the pushed chunk. It must not call `push`
   */
  constructor(private readonly onFrames: (frames: Buffer, count: number) => void) {}

  /** Whether an incomplete frame waits for its remaining bytes. */
  get pending(): boolean {
    return this.filled > 0;
  }

  /** Takes the next bytes of the stream. Delivers the frames before a fault; returns the fault, from this call on and every later one. */
  push(chunk: Buffer): FrameFault | null {
    let at = this.pending ? this.hold(chunk, 0) : 0;
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    while (this.fault === null && at < chunk.length) {
      const length = measureFrame(chunk, at, chunk.length);
      if (typeof length === 'string') {
        this.fault = length;
      } else if (length === 0 || at + length > chunk.length) {
        at = this.hold(chunk, at);
      } else {
        const { count, end } = coalesceFrames(view, at, at + length, chunk.length);
        this.onFrames(chunk.subarray(at, end), count);
        at = end;
      }
    }
    return this.fault;
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
        this.onFrames(frame, 1);
        return at;
      }
    }
    return at;
  }

  private allocateWhole(): void {
    const length = measureFrame(this.head, 0, this.filled);
    if (typeof length === 'string') {
      this.fault = length;
    } else if (length > 0) {
      this.held = Buffer.allocUnsafe(length);
      this.head.copy(this.held);
    }
  }
}
