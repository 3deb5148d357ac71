import { coalesceFrames } from './coalesce.js';
import { DIALECT_22 } from './dialect-22.js';
import { hasLaterHeader } from './later-header.js';

/** Why a stream can hold no further frame. The codes are stable: they are counted and logged under these names. */
export type FrameFault = 'bad_marker' | 'bad_length' | 'bad_name_length' | 'other_dialect';

const { lengthAt, nameLengthAt, nameAt, minimumLength } = DIALECT_22;
const MARKER = Buffer.from(DIALECT_22.marker, 'latin1');

/** Enough bytes to judge a frame by. Shorter than the shortest frame. */
const HEAD_BYTES = nameAt;

/**
 * The length in bytes of the frame that starts at `start`, judged by the bytes before `end`: 0 while they are too few
 * to tell, or the fault, as soon as they show one. The frame itself may reach beyond `end`.
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
 * Cuts a byte stream into whole frames; knows no socket. A frame that lies within one chunk stays where it is,
 * only one that spans chunks is copied, once. After a fault the parser stays at it.
 */
export class FrameParser {
  private readonly head = Buffer.alloc(HEAD_BYTES);
  /** Holds the first `filled` bytes of a frame that spans chunks: `head`, and once the length is known a buffer of that length. */
  private held = this.head;
  private filled = 0;
  private fault: FrameFault | null = null;

  /** `onFrames` gets every whole frame in order, together with those behind it that are alike (`alike.ts`), mostly as part of the chunk that was pushed; it must not push. */
  constructor(private readonly onFrames: (frames: Buffer, count: number) => void) {}

  /** Whether a part of a frame waits for its rest. */
  get pending(): boolean {
    return this.filled > 0;
  }

  /** Takes any piece of the stream. Frames before a fault are delivered; the fault is returned by this and every later call. */
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

  /** Copies what the held frame still needs, hands the frame on when it is whole, and returns how far the chunk is used. */
  private hold(chunk: Buffer, start: number): number {
    let at = start;
    while (this.fault === null && at < chunk.length) {
      const copied = chunk.copy(this.held, this.filled, at);
      this.filled += copied;
      at += copied;
      if (this.held === this.head) {
        this.makeRoom();
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

  private makeRoom(): void {
    const length = measureFrame(this.head, 0, this.filled);
    if (typeof length === 'string') {
      this.fault = length;
    } else if (length > 0) {
      this.held = Buffer.allocUnsafe(length);
      this.head.copy(this.held);
    }
  }
}
