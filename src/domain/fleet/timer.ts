import type { Timed } from '../deadlines.js';
import type { Turn } from './effects.js';

/** What acts at the deadlines of such subjects. */
export interface TimerOwner<S> {
  due(subject: S, turn: Turn): void;
}

/** A deadline, who acts at it, and what it is about. Not a function, because a snapshot of the engine holds its timers. */
export class Timer<S = unknown> implements Timed {
  dueAt = 0;
  slot = -1;

  constructor(
    private readonly owner: TimerOwner<S>,
    private readonly subject: S,
  ) {}

  fire(turn: Turn): void {
    this.owner.due(this.subject, turn);
  }
}
