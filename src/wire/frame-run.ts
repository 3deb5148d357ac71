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

/** Up to this many times the bytes of its packets, a run is copied with the gaps between them: half the time of one call for each stretch. */
const LARGEST_SPAN = 4;

/** How many bytes `copyRun` writes; those after the packets have no meaning. */
export function copySpan({ byteLength, stretches }: FrameRun): number {
  const span = (stretches.at(-1) as number) - (stretches[0] as number);
  return span <= byteLength * LARGEST_SPAN ? span : byteLength;
}

/** Copies the packets of a run, without gaps, to `target` from `start` on, where it has room for `copySpan`. */
export function copyRun(run: FrameRun, target: Buffer, start: number): void {
  if (copySpan(run) === run.byteLength) copyStretches(run, target, start);
  else copyAndCloseGaps(run, target, start);
}

function copyStretches({ read, stretches }: FrameRun, target: Buffer, start: number): void {
  let at = start;
  for (let i = 0; i < stretches.length; i += 2) {
    const stretch = read.subarray(stretches[i], stretches[i + 1]);
    target.set(stretch, at);
    at += stretch.length;
  }
}

/** Moves each stretch to the left, to the end of the one before. */
function copyAndCloseGaps({ read, stretches }: FrameRun, target: Buffer, start: number): void {
  const first = stretches[0] as number;
  target.set(read.subarray(first, stretches.at(-1)), start);
  const shift = start - first;
  let at = start;
  for (let i = 0; i < stretches.length; i += 2) {
    const from = stretches[i] as number;
    const end = stretches[i + 1] as number;
    target.copyWithin(at, from + shift, end + shift);
    at += end - from;
  }
}

/** The packets of a run, without gaps: a view where there is no gap, else a copy. */
export function wholeRun(run: FrameRun): Buffer {
  const { read, stretches, byteLength } = run;
  if (stretches.length === 2) return read.subarray(stretches[0], stretches[1]);
  const whole = Buffer.allocUnsafe(copySpan(run));
  copyRun(run, whole, 0);
  return whole.subarray(0, byteLength);
}
