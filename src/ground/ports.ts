import type { Now } from './now.js';

/** Both clocks and the timer. */
export interface Clock {
  now(): Now;
  /** Runs once after this many milliseconds (a Node timer: at most 2^31 - 1); answers how to cancel it. */
  after(delayMs: number, run: () => void): () => void;
}

/** The part of pino's logger the service uses. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
