import { LAYOUT_24 } from '../dialects/layout-24.js';
import { Cursor } from './cursor.js';

const SMALLEST_INT = -(2 ** 31);
const LARGEST_INT = 2 ** 31 - 1;
const LARGEST_STRING = 65_535;

/** Writes the fields of a message of dialect 2.4 (`reader.ts`). After a fault nothing more is written. */
export class FieldWriter extends Cursor {
  private readonly parts: Uint8Array[] = [];

  /** @param start where the first field is in the frame, in bytes: faults count from the start of the frame */
  constructor(private readonly start: number) {
    super(start);
  }

  int(value: number): void {
    const fits = Number.isInteger(value) && value >= SMALLEST_INT && value <= LARGEST_INT;
    if (!fits) this.fail('out_of_range');
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(fits ? value : 0);
    this.bytes(bytes);
  }

  string(bytes: Uint8Array): void {
    const fits = bytes.length <= LARGEST_STRING;
    if (!fits) this.fail('too_long');
    const length = Buffer.alloc(2);
    length.writeUInt16LE(fits ? bytes.length : 0);
    this.bytes(length);
    this.bytes(bytes);
  }

  /** Writes bytes without their length. */
  bytes(bytes: Uint8Array): void {
    if (this.at + bytes.length > LAYOUT_24.maximumSent) this.fail('too_long');
    if (this.fault !== null) return;
    this.parts.push(bytes);
    this.at += bytes.length;
  }

  /** Returns what has been written. */
  written(): Buffer {
    return Buffer.concat(this.parts, this.at - this.start);
  }
}
