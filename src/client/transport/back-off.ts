/** Before the first attempt after a loss at most, and before any, in milliseconds. */
const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/**
 * How long to wait before another attempt, in milliseconds: twice as long at most after each failure, and anywhere
 * below that, so that the clients of a service that comes back do not come all at once.
 * @param chance 0 to 1
 */
export function backOffMs(failures: number, chance: number): number {
  return chance * Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
}
