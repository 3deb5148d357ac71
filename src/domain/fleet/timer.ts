import type { Timed } from '../deadlines.js';
import type { Turn } from './effects.js';

/** A deadline with what happens at it. */
export class Timer implements Timed {
  dueAt = 0;
  slot = -1;

  constructor(readonly fire: (turn: Turn) => void) {}
}
