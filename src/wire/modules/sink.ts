import type { LengthBytes } from './cursor.js';

const SMALLEST_BUFFER = 256;

/** A growing payload. Integers are little-endian. */
export class Sink {
  private bytes = new Uint8Array(SMALLEST_BUFFER);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  constructor(private readonly lengthBytes: LengthBytes) {}

  /** The longest string that its length can describe, in bytes. */
  get longestString(): number {
    return this.lengthBytes === 2 ? 0xffff : 2 ** 31 - 1;
  }

  /** Writes a signed 32-bit integer. */
  int(value: number): void {
    const at = this.grow(4);
    this.view.setInt32(at, value, true);
  }

  /** Writes a string of at most `longestString` bytes. */
  string(bytes: Uint8Array): void {
    this.stringLength(bytes.length);
    this.raw(bytes);
  }

  /** Writes a number as a string of its 4 raw bytes. */
  number4(value: number): void {
    this.stringLength(4);
    this.int(value);
  }

  /** Writes a number of 64 bits, signed or not, as a string of its 8 raw bytes. */
  number8(value: bigint): void {
    this.stringLength(8);
    const at = this.grow(8);
    this.view.setBigUint64(at, value, true);
  }

  /** Writes bytes without a length. */
  raw(bytes: Uint8Array): void {
    const at = this.grow(bytes.length);
    this.bytes.set(bytes, at);
  }

  /** Returns a copy of what has been written. */
  payload(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private stringLength(length: number): void {
    const at = this.grow(this.lengthBytes);
    if (this.lengthBytes === 2) this.view.setUint16(at, length, true);
    else this.view.setInt32(at, length, true);
  }

  /** Makes room for `count` bytes. Returns where they start. */
  private grow(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.length, this.bytes.length * 2));
      larger.set(this.bytes);
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }
}
