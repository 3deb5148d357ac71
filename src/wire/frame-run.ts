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
  /** Of all packets, in bytes. */
  readonly byteLength: number;
  /** What was read. The memory is freed after the read: `copyRun` keeps the packets. */
  readonly read: Buffer;
  /**
   * Where the packets are in `read`: start and end of each stretch without gaps, one after the other. Plain numbers, because an object for
   * each packet would cost more than its bytes.
   */
  readonly stretches: readonly number[];
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

/** Copies the packets of a run, without gaps, to `target` from `start` on. */
export function copyRun({ read, stretches }: FrameRun, target: Buffer, start: number): void {
  let at = start;
  for (let i = 0; i < stretches.length; i += 2) {
    const from = stretches[i] as number;
    const length = (stretches[i + 1] as number) - from;
    // `copy` of Buffer takes twice as long for short stretches.
    target.set(new Uint8Array(read.buffer, read.byteOffset + from, length), at);
    at += length;
  }
}

/** The packets of a run, without gaps: a view where there is no gap, else a copy. */
export function wholeRun(run: FrameRun): Buffer {
  const { read, stretches, byteLength } = run;
  if (stretches.length === 2) return read.subarray(stretches[0], stretches[1]);
  const whole = Buffer.allocUnsafe(byteLength);
  copyRun(run, whole, 0);
  return whole;
}
