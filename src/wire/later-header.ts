import { DIALECT_22 } from './dialect-22.js';

/**
 * From OpenSIPS 2.3 on the header is another one: the marker and the length stand where they do in 2.2, and then
 *
 *     10   u16 length of the capability's name
 *     12   the name
 *
 * so that the first letters of the name stand where 2.2 has the length of its own.
 */
const CAPABILITY_LENGTH_AT = 10;
const CAPABILITY_AT = 12;

/** Bytes besides the name. */
const FIXED_BYTES = 16;

/** Whether 16 bytes that are no packet of 2.2 begin one of a later OpenSIPS. `length` is what they say of the whole packet. */
export function hasLaterHeader(bytes: Buffer, start: number, length: number): boolean {
  const nameLength = bytes.readUInt16LE(start + CAPABILITY_LENGTH_AT);
  if (nameLength < 1 || nameLength > length - FIXED_BYTES) return false;
  const end = CAPABILITY_AT + Math.min(nameLength, DIALECT_22.nameAt - CAPABILITY_AT);
  return bytes.subarray(start + CAPABILITY_AT, start + end).every(isPrintable);
}

function isPrintable(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f;
}
