import { Cursor } from './cursor.js';

/**
 * Reads the fields of a message of dialect 2.4: integers of 4 bytes, and strings, which are a length of 2 bytes and that many bytes.
 * Nothing is read or allocated beyond the end. After a fault, integers are 0 and strings are empty.
 */
export class FieldReader extends Cursor {
  constructor(
    private readonly frame: Buffer,
    start: number,
    private readonly end: number,
  ) {
    super(start);
  }

  get remaining(): number {
    return this.end - this.at;
  }

  /** Reads a signed 32-bit integer. */
  int(): number {
    if (!this.has(4)) return 0;
    const value = this.frame.readInt32LE(this.at);
    this.at += 4;
    return value;
  }

  /** Reads the bytes of a string. They are a view of the frame. */
  string(): Buffer {
    if (!this.has(2)) return this.frame.subarray(0, 0);
    const length = this.frame.readUInt16LE(this.at);
    if (!this.has(2 + length)) return this.frame.subarray(0, 0);
    this.at += 2;
    return this.take(length);
  }

  /** Reads that many bytes, as a view of the frame. */
  take(length: number): Buffer {
    if (!this.has(length)) return this.frame.subarray(0, 0);
    this.at += length;
    return this.frame.subarray(this.at - length, this.at);
  }

  /** Where the next occurrence of `bytes` is, counted from here; without one, `remaining`. */
  distanceTo(bytes: Buffer): number {
    const found = this.frame.subarray(this.at, this.end).indexOf(bytes);
    return found === -1 ? this.remaining : found;
  }

  /** Whether there are so many bytes, and no fault. Too few are a fault. */
  private has(bytes: number): boolean {
    if (this.fault === null && (bytes < 0 || bytes > this.remaining)) this.fail('truncated');
    return this.fault === null;
  }
}
