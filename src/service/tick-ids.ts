import { randomInt } from 'node:crypto';

/** An id is a tick of about a millisecond and a random number of this process, so that two services on one table rarely collide. */
const IDS_PER_TICK = 1_024;

/** Ids of rows. They rise even when the clock is set back, or many rows come within one millisecond. */
export class TickIds {
  private last: number;

  /** @param step the least difference between two ids */
  private constructor(
    private readonly own: number,
    private readonly step: number,
  ) {
    this.last = own;
  }

  static ofProcess(): TickIds {
    return new TickIds(randomInt(IDS_PER_TICK), IDS_PER_TICK);
  }

  /** Every replica has the same: they follow from the time of the log. */
  static ofLog(): TickIds {
    return new TickIds(0, 1);
  }

  /** The next ids are of later ticks than this one. */
  startAfter(id: number): void {
    this.last = Math.max(this.last, Math.floor(id / IDS_PER_TICK) * IDS_PER_TICK + this.own);
  }

  /** @param at unix milliseconds */
  next(at: number): number {
    this.last = Math.max(this.last + this.step, at * IDS_PER_TICK + this.own);
    return this.last;
  }
}
