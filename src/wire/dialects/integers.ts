/**
 * Little-endian integers, without the checks of Buffer's methods: for each packet they cost as much as the rest of its measurement. All bytes
 * of the integer must be there.
 */
export function uint16At(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

/** Signed. */
export function int32At(bytes: Uint8Array, at: number): number {
  return uint16At(bytes, at) | (uint16At(bytes, at + 2) << 16);
}

/** Whether as many bytes at two places are equal. Compares words, of which the last two may overlap: byte by byte, this would be most of the work for a packet. */
export function haveEqualBytes(bytes: DataView, one: number, other: number, length: number): boolean {
  const lastWord = length - 4;
  for (let i = 0; i < lastWord; i += 4) {
    if (bytes.getInt32(one + i) !== bytes.getInt32(other + i)) return false;
  }
  if (lastWord >= 0) return bytes.getInt32(one + lastWord) === bytes.getInt32(other + lastWord);
  for (let i = 0; i < length; i++) {
    if (bytes.getUint8(one + i) !== bytes.getUint8(other + i)) return false;
  }
  return true;
}
