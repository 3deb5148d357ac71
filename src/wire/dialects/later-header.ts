import { DIALECT_22 } from './layout-22.js';

/**
 * OpenSIPS 2.3 and later use another header. Marker and length are where they are in 2.2, then
 *
 *     10   u16 length of the capability's name
 *     12   the name
 *
 * so the first letters of the capability are where 2.2 has the length of the module name.
 */
const CAPABILITY_LENGTH_AT = 10;
const CAPABILITY_AT = 12;

/** Bytes besides the name. */
const FIXED_BYTES = 16;

/** Whether 16 bytes, which are not a header of 2.2, are one of a later OpenSIPS. `length` is the packet's length in that header. */
export function hasLaterHeader(bytes: Buffer, start: number, length: number): boolean {
  const nameLength = bytes.readUInt16LE(start + CAPABILITY_LENGTH_AT);
  if (nameLength < 1 || nameLength > length - FIXED_BYTES) return false;
  const end = CAPABILITY_AT + Math.min(nameLength, DIALECT_22.nameAt - CAPABILITY_AT);
  return bytes.subarray(start + CAPABILITY_AT, start + end).every(isPrintable);
}

function isPrintable(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f;
}
