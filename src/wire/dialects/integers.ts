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
