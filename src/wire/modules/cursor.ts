import { toBase64 } from '../base64.js';

/** How many bytes give the length of a string: 4 in dialect 2.2, 2 in dialect 2.4. */
export type LengthBytes = 2 | 4;

const INT_BYTES = 4;

// A byte order mark is part of the text.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
/** A character for each byte; only those of ASCII are used. */
const singleBytes = new TextDecoder('latin1');
const encoder = new TextEncoder();

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What `decoder` writes for bytes that are not UTF-8; a text may contain it as well. */
const REPLACEMENT = '\ufffd';

/**
 * A position in a payload. A read that does not fit sets `fault`, and the cursor stays where it is: the caller checks `fault` after each read.
 * It never leaves the payload.
 */
export class Cursor {
  /** Why the payload does not fit, with the byte offset in the payload; null until then. */
  fault: string | null = null;
  at = 0;
  readonly view: DataView;
  /** The payload with a character for each byte: one call to a decoder, whose calls cost more than its work. */
  private characters: string | null = null;

  constructor(
    readonly bytes: Uint8Array,
    private readonly lengthBytes: LengthBytes,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.at;
  }

  /** Reads a signed 32-bit integer; 0 if it does not fit. */
  int(name: string): number {
    if (this.remaining < INT_BYTES) return this.fail(`the integer ${name} needs ${INT_BYTES} bytes`);
    const value = this.view.getInt32(this.at, true);
    this.at += INT_BYTES;
    return value;
  }

  /** Passes a string. Returns how long it is; the string ends at the cursor. */
  string(name: string): number {
    if (this.remaining < this.lengthBytes) return this.fail(`the length of ${name} needs ${this.lengthBytes} bytes`);
    const length = this.lengthBytes === 2 ? this.view.getUint16(this.at, true) : this.view.getInt32(this.at, true);
    if (length < 0) return this.fail(`${name} has a length of ${length}`);
    if (length > this.remaining - this.lengthBytes) return this.fail(`${name} has a length of ${length} bytes`);
    this.at += this.lengthBytes + length;
    return length;
  }

  /** Passes a string that contains a number of 4 or 8 raw bytes. Returns where the number starts. */
  number(name: string, bytes: 4 | 8): number {
    const start = this.at;
    const length = this.string(name);
    if (this.fault !== null) return start;
    if (length === bytes) return this.at - bytes;
    this.at = start;
    return this.fail(`${name} is a number of ${bytes} bytes, and its length is ${length}`);
  }

  /** Reads a signed 32-bit integer from a string of 4 raw bytes; 0 if it does not fit. */
  int4(name: string): number {
    const at = this.number(name, 4);
    return this.fault === null ? this.view.getInt32(at, true) : 0;
  }

  /** Reads a string: text where it is UTF-8, otherwise its bytes. */
  text(name: string): string | Uint8Array {
    const length = this.string(name);
    if (length === 0) return '';
    return textOf(this.bytes.subarray(this.at - length, this.at));
  }

  /** Reads a string as JSON: as `text` does, with bytes that are not UTF-8 as base64. */
  json(name: string): string {
    const length = this.string(name);
    if (length === 0) return '""';
    const start = this.at - length;
    if (this.needsNoEscape(start)) {
      this.characters ??= singleBytes.decode(this.bytes);
      return `"${this.characters.slice(start, this.at)}"`;
    }
    const text = textOf(this.bytes.subarray(start, this.at));
    return JSON.stringify(typeof text === 'string' ? text : { base64: toBase64(text) });
  }

  /** Whether the bytes up to the cursor are ASCII that stands in JSON as it is. */
  private needsNoEscape(start: number): boolean {
    for (let at = start; at < this.at; at++) {
      const byte = this.bytes[at] ?? 0;
      if (byte < 0x20 || byte >= 0x80 || byte === QUOTE || byte === BACKSLASH) return false;
    }
    return true;
  }

  /** Passes what is left. Returns its bytes, not copied. */
  rest(): Uint8Array {
    const bytes = this.bytes.subarray(this.at);
    this.at = this.bytes.length;
    return bytes;
  }

  /** Sets the fault, at the cursor. */
  fail(what: string): 0 {
    this.fault ??= `${what} at byte ${this.at}, where ${this.remaining} bytes are left`;
    return 0;
  }
}

function textOf(bytes: Uint8Array): string | Uint8Array {
  const text = decoder.decode(bytes);
  return text.includes(REPLACEMENT) && !isUtf8(text, bytes) ? bytes : text;
}

function isUtf8(text: string, bytes: Uint8Array): boolean {
  const again = encoder.encode(text);
  return again.length === bytes.length && again.every((byte, index) => byte === bytes[index]);
}
