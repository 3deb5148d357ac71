/**
 * A payload, which is what a module writes after the machine id: integers of 4 bytes, and strings, which are a length of 4 bytes and
 * then that many bytes. Little-endian. The bytes do not say which of them comes next: module and packet type decide that.
 * No Node API is used, so that browsers can read payloads too.
 */

const INT_BYTES = 4;
const SMALLEST_INT = -(2 ** 31);
const LARGEST_INT = 2 ** 31 - 1;

// A byte order mark is part of the text.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** Reads the fields of a payload one after another. A read that fails does not advance. */
export class PayloadReader {
  private readonly view: DataView;
  private at = 0;

  constructor(private readonly payload: Uint8Array) {
    this.view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  }

  /** How many bytes have not been read. */
  get remaining(): number {
    return this.payload.length - this.at;
  }

  /** Reads a signed 32-bit integer. @throws RangeError when the payload is too short */
  readInt(): number {
    this.need(INT_BYTES, 'integer');
    const value = this.view.getInt32(this.at, true);
    this.at += INT_BYTES;
    return value;
  }

  /** Reads a string as UTF-8; bytes that are not UTF-8 become U+FFFD. @throws RangeError when the payload is too short */
  readString(): string {
    return decoder.decode(this.readBytes());
  }

  /** Reads a string as bytes, not copied: modules also send numbers in strings. @throws RangeError when the payload is too short */
  readBytes(): Uint8Array {
    this.need(INT_BYTES, 'length of a string');
    const length = this.view.getInt32(this.at, true);
    if (length < 0) throw new RangeError(`the string at byte ${this.at} of the payload has a length of ${length}`);
    this.need(INT_BYTES + length, `string of ${length} bytes`);
    const start = this.at + INT_BYTES;
    this.at = start + length;
    return this.payload.subarray(start, this.at);
  }

  private need(bytes: number, what: string): void {
    if (bytes <= this.remaining) return;
    throw new RangeError(`the payload ends at byte ${this.payload.length}, within the ${what} at byte ${this.at}`);
  }
}

/** Writes the fields of a payload one after another. */
export class PayloadWriter {
  private readonly parts: Uint8Array[] = [];
  private length = 0;

  /** Writes an integer. @throws RangeError when it is not a signed 32-bit integer */
  writeInt(value: number): this {
    if (!Number.isInteger(value) || value < SMALLEST_INT || value > LARGEST_INT) {
      throw new RangeError(`${value} is not an integer from ${SMALLEST_INT} to ${LARGEST_INT}`);
    }
    const bytes = new Uint8Array(INT_BYTES);
    new DataView(bytes.buffer).setInt32(0, value, true);
    return this.add(bytes);
  }

  /** Writes a string as UTF-8. */
  writeString(text: string): this {
    return this.writeBytes(encoder.encode(text));
  }

  /** Writes a string of these bytes. They are copied by `payload`, not before. */
  writeBytes(bytes: Uint8Array): this {
    return this.writeInt(bytes.length).add(bytes);
  }

  /** Returns what has been written so far. */
  payload(): Uint8Array {
    const whole = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  private add(bytes: Uint8Array): this {
    this.parts.push(bytes);
    this.length += bytes.length;
    return this;
  }
}
