import type { Address } from './address.js';
import type { Dialect, PacketHead } from './dialects/dialect.js';

/**
 * Packets of one connection that were read together and have the same module, machine, cluster and destination, in order of arrival. Their
 * types, versions and lengths differ. What holds for the first one's origin holds for all of them.
 */
export interface FrameRun {
  readonly dialect: Dialect;
  /** Of the first packet. */
  readonly head: PacketHead;
  readonly count: number;
  /**
   * The packets, one after the other: one piece, or two if the first packet began in the read before. The memory is used again after the read: copy
   * what you keep.
   */
  readonly pieces: readonly Buffer[];
}

/** A run with its source. */
export interface ReceivedRun extends FrameRun {
  readonly protocol: string;
  readonly source: Address;
  /** Names the connection. */
  readonly connection: number;
  /** The url that this service connected to; null for a connection that it accepted. */
  readonly url: string | null;
}

/** The packets of a run in one piece: that of the run, or a copy of its pieces. */
export function joined({ pieces }: FrameRun): Buffer {
  const [piece] = pieces;
  return pieces.length === 1 ? (piece as Buffer) : Buffer.concat(pieces);
}
