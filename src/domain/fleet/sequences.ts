import type { Now } from '../../ground/now.js';
import type { Sequence } from '../../wire/cluster/messages.js';

/** The floods that carry sequence numbers; each kind has numbers of its own. */
export const FLOOD_KINDS = ['link', 'topology', 'capabilities'] as const;
export type FloodKind = (typeof FLOOD_KINDS)[number];

/** The sequence before the first one. */
export const NONE: Sequence = { seq: -1, timestamp: 0 };

/**
 * Seconds. A 0 that is older than the last accepted number by at least this comes from a machine that restarted with its clock set back. One that
 * is less old is a late copy. Shorter than the time for which a machine without memory sends zeros (F3), so that one of them is always accepted.
 */
const COPY_SECONDS = 30;

/**
 * Whether the sequence of a flood is newer than the last accepted one (F1). After a 0, an older 0 is always a late copy: the timestamps of many zeros
 * run far ahead of the clock.
 */
export function isNewer({ seq, timestamp }: Sequence, accepted: Sequence): boolean {
  if (seq !== 0) return seq > Math.max(accepted.seq, 0);
  return timestamp > accepted.timestamp || (accepted.seq > 0 && timestamp <= accepted.timestamp - COPY_SECONDS);
}

/**
 * The same for a sequence that another machine reports. That machine may have heard nothing of the origin since before a restart of it. So a higher
 * number does not make the report newer, and a low timestamp does not show that a clock was set back.
 */
export function isNewerReport({ seq, timestamp }: Sequence, accepted: Sequence): boolean {
  if (seq < 0) return false;
  return timestamp === accepted.timestamp ? seq > accepted.seq : timestamp > accepted.timestamp;
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
    // Between zeros only the timestamp decides. It never falls, or a report of an earlier number would seem newer.
    this.timestamp = Math.max(seconds, this.seq === 0 ? this.timestamp + 1 : this.timestamp);
    if (this.seq > this.reserved) {
      this.reserved = Math.min(this.seq + RESERVED, LAST_SEQ);
      reserve(this.reserved);
    }
    return { seq: this.seq, timestamp: this.timestamp };
  }
}
