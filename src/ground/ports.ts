import type { Now } from './now.js';

/** Both clocks, and timers. */
export interface Clock {
  now(): Now;
  /** Runs once after this many milliseconds (at most 2^31 - 1, as Node's timers). @returns a function that cancels it */
  after(delayMs: number, run: () => void): () => void;
}

/** The part of pino's logger that the service uses. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
