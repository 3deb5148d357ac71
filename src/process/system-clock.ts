import type { Clock } from '../ground/ports.js';

/** The clocks and timers of the operating system. */
export const systemClock: Clock = {
  now: () => ({ monotonicMs: Math.floor(performance.now()), unixMs: Date.now() }),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
