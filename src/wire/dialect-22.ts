/**
 * The BIN layout of OpenSIPS 2.2 (docs/protocol.md). All integers are little-endian and packed:
 *
 *     0   marker "P4CK"
 *     4   u16 length of the whole frame, 2 unused bytes
 *     8   u16 version, 2 unused bytes
 *     12  i32 length of the module name
 *     16  module name
 *     .   i32 packet type
 *     .   i32 machine id of the sender, then the module's own payload
 *
 * The unused bytes may hold garbage, so length and version are read as 16 bits; we write zero there.
 */
export const DIALECT_22 = {
  marker: 'P4CK',
  lengthAt: 4,
  versionAt: 8,
  nameLengthAt: 12,
  nameAt: 16,
  /** Bytes from the end of the name to the packet type's end, and on to the machine id's end. */
  packetTypeBytes: 4,
  machineIdBytes: 4,
  /** Bytes; anything shorter is no packet of 2.2, and a length of 0 would never advance. */
  minimumLength: 22,
  /** Bytes; what 16 bits can say. */
  maximumLength: 65_535,
} as const;
