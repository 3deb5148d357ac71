/** A view of the same memory, whose integers cost less than those of a Buffer. */
export function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

/**
 * Whether as many bytes at two places are equal. Compares words, the last one first, since names often differ at their ends; it may overlap the
 * one before. Byte by byte, this would be most of the work for a packet.
 */
export function haveEqualBytes(bytes: DataView, one: number, other: number, length: number): boolean {
  const last = length - 4;
  if (last < 0) return haveEqualFew(bytes, one, other, length);
  if (bytes.getInt32(one + last, true) !== bytes.getInt32(other + last, true)) return false;
  for (let i = 0; i < last; i += 4) {
    if (bytes.getInt32(one + i, true) !== bytes.getInt32(other + i, true)) return false;
  }
  return true;
}

function haveEqualFew(bytes: DataView, one: number, other: number, length: number): boolean {
  for (let i = 0; i < length; i++) {
    if (bytes.getUint8(one + i) !== bytes.getUint8(other + i)) return false;
  }
  return true;
}
