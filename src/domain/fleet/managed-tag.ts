import type { TagWish } from './tag.js';
import { Timer, type TimerOwner } from './timer.js';

/** The next command to the owner: the first, a second for safety, or one after an announcement that makes the owner backup (G5). */
export type Assertion = 'first' | 'again' | 'last';

/** The wish of a tag that was never managed. */
export const NO_WISH: TagWish = { owner: null, failover: [], afterMs: 0, fence: 0, since: 0, moves: 0 };

/** A tag that this service keeps where an operator wants it, or kept before. */
export class ManagedTag {
  wish = NO_WISH;
  /** Null while no command is due. */
  assertion: Assertion | null = null;
  /** An operator waits for the owner's own announcement (G5). */
  isAwaited = false;
  /** Since when the owner is lost to all and another machine can take the tag, in monotonic milliseconds; null: not now (G7). */
  agreedAt: number | null = null;
  readonly assertTimer: Timer<ManagedTag>;
  readonly failoverTimer: Timer<ManagedTag>;

  constructor(
    readonly tag: string,
    assertions: TimerOwner<ManagedTag>,
    failovers: TimerOwner<ManagedTag>,
  ) {
    this.assertTimer = new Timer(assertions, this);
    this.failoverTimer = new Timer(failovers, this);
  }
}
