import type { Clock } from '../ground/ports.js';

/** The clocks and the timer of the machine it runs on. */
export const systemClock: Clock = {
  now: () => ({ monotonicMs: Math.floor(performance.now()), unixMs: Date.now() }),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
