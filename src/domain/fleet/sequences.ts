import type { Now } from '../../ground/now.js';
import type { Sequence } from '../../wire/cluster/messages.js';

/** The floods that carry sequence numbers; each kind has numbers of its own. */
export const FLOOD_KINDS = ['link', 'topology', 'capabilities'] as const;
export type FloodKind = (typeof FLOOD_KINDS)[number];

/** The sequence before the first one. */
export const NONE: Sequence = { seq: -1, timestamp: 0 };

/**
 * Seconds. A 0 that is older than the last accepted 0 by at least this comes from a machine whose clock was set back. One that is less old is a
 * late copy.
 */
const COPY_SECONDS = 120;

/** The last accepted sequence of one machine and kind. */
export interface Accepted extends Sequence {
  /** Unix seconds of the last accepted sequence with seq 0; null before. */
  readonly zeroAt: number | null;
}

export const NOTHING_ACCEPTED: Accepted = { ...NONE, zeroAt: null };

/** Returns the new last accepted sequence, or null if this one is old (F1). */
export function accept(sequence: Sequence, accepted: Accepted): Accepted | null {
  const { seq, timestamp } = sequence;
  if (seq < 0) return null;
  if (seq > 0) return seq > accepted.seq ? { seq, timestamp, zeroAt: accepted.zeroAt } : null;
  if (accepted.zeroAt !== null) {
    if (accepted.seq === 0 && timestamp <= accepted.zeroAt) return null;
    if (timestamp <= accepted.zeroAt && timestamp > accepted.zeroAt - COPY_SECONDS) return null;
  }
  return { seq, timestamp, zeroAt: timestamp };
}

/** How many numbers one write to the database covers. */
const RESERVED = 100;

/** The largest number that daemons can read. After it the service starts again with 0, which all releases accept. */
const LAST_SEQ = 0x7fff_ffff;

/** The own sequence of one kind. It rises across restarts: numbers are reserved ahead, so that a crash before a write does no harm (F2). */
export class OwnSequence {
  private seq: number;
  private timestamp = 0;
  private reserved: number;
  /** Monotonic milliseconds at which the zeros end; null before the first, or if there are none. */
  private zerosEndAt: number | null = null;

  /**
   * @param remembered the last reserved number; null if none was saved
   * @param zerosMs how long all numbers are 0 in that case (F3)
   */
  constructor(
    remembered: number | null,
    private readonly zerosMs: number,
  ) {
    this.seq = remembered ?? NONE.seq;
    this.reserved = remembered ?? NONE.seq;
  }

  /** The sequence used last. */
  get last(): Sequence {
    return this.timestamp === 0 ? NONE : { seq: this.seq, timestamp: this.timestamp };
  }

  /** Returns the next sequence. When the reserved numbers are used up, calls `reserve` with the number to save. */
  next({ monotonicMs, unixMs }: Now, reserve: (seq: number) => void): Sequence {
    const seconds = Math.floor(unixMs / 1000);
    if (this.seq < 0 || this.seq === LAST_SEQ) {
      this.seq = 0;
      this.reserved = NONE.seq;
      this.zerosEndAt = monotonicMs + this.zerosMs;
    } else if (this.zerosEndAt === null || monotonicMs >= this.zerosEndAt) {
      this.seq++;
      this.zerosEndAt = null;
    }
    // Between two zeros the timestamp decides.
    this.timestamp = this.seq === 0 ? Math.max(seconds, this.timestamp + 1) : seconds;
    if (this.seq > this.reserved) {
      this.reserved = Math.min(this.seq + RESERVED, LAST_SEQ);
      reserve(this.reserved);
    }
    return { seq: this.seq, timestamp: this.timestamp };
  }
}
