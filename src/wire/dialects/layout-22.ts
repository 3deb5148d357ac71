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
 * The unused bytes may contain garbage, so length and version are read as 16 bits. The service writes zeros there.
 */
export const DIALECT_22 = {
  marker: 'P4CK',
  lengthAt: 4,
  versionAt: 8,
  nameLengthAt: 12,
  nameAt: 16,
  /** Widths of the two fields after the name. */
  packetTypeBytes: 4,
  machineIdBytes: 4,
  /** Bytes. OpenSIPS 2.2 sends nothing shorter, and a length of 0 would never advance. */
  minimumLength: 22,
  /** Bytes; the largest value of the 16-bit length. */
  maximumLength: 65_535,
} as const;
