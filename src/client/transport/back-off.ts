/** The longest wait before the first attempt, and before any attempt, in milliseconds. */
const FIRST_MS = 250;
const MAX_MS = 10_000;

/**
 * How long to wait before another attempt, in milliseconds: exponential back-off with full jitter, so that the clients of a restarted
 * service do not connect all at once.
 * @param chance 0 to 1
 */
export function backOffMs(failures: number, chance: number): number {
  return chance * Math.min(MAX_MS, FIRST_MS * 2 ** failures);
}
