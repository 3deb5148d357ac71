/**
 * The BIN layout of OpenSIPS 2.4 to 4.0 (docs/protocol.md). All integers are little-endian and packed:
 *
 *     0   marker "P4CK"
 *     4   u32 length of the whole packet
 *     8   u16 version
 *     10  u16 length of the capability
 *     12  capability
 *     .   i32 packet type
 *     .   payload
 *     -12 i32 cluster, i32 origin, i32 destination: the trailer
 *
 * `clusterer-internal` has no trailer: cluster and origin are before its payload, and the destination is whoever receives it.
 */
export const LAYOUT_24 = {
  marker: 'P4CK',
  lengthAt: 4,
  versionAt: 8,
  capabilityLengthAt: 10,
  capabilityAt: 12,
  packetTypeBytes: 4,
  trailerBytes: 12,
  /** Bytes of a bridged packet's trailer, which also names the cluster that it comes from. */
  bridgeTrailerBytes: 16,
  /** Cluster and origin, before the payload of `clusterer-internal`. */
  internalHeadBytes: 8,
  /** Bytes. Daemons close the connection below this. */
  minimumLength: 17,
  /** Bytes. Releases before 4.0 send up to this. */
  maximumLength: 65_535,
  /** Bytes. OpenSIPS 4.0 closes the connection above this. */
  maximumSent: 65_515,
} as const;

/** Links and topology. */
export const INTERNAL = 'clusterer-internal';
/** Sync, sharing tags and MI. */
export const EXTRA = 'clusterer-extra';
