import type { Clock } from '../ground/ports.js';

/** How long work on the whole table may run before the event loop continues, in milliseconds. */
export const SLICE_MS = 1;

/** Items between two reads of the clock. */
const ITEMS_AT_ONCE = 20;

/** Resolves in the next turn of the event loop, after it has polled the sockets. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Visits each item in order, in slices of `SLICE_MS`: ten thousand machines must not block the event loop. */
export async function inTurns<T>(items: Iterable<T>, clock: Clock, visit: (item: T) => void): Promise<void> {
  let began = clock.now().monotonicMs;
  let visited = 0;
  for (const item of items) {
    visit(item);
    if (++visited % ITEMS_AT_ONCE > 0 || clock.now().monotonicMs - began < SLICE_MS) continue;
    await nextTurn();
    began = clock.now().monotonicMs;
  }
}
