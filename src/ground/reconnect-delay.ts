/** Clients of a service that stops come back spread over this time, so that a thousand do not return at once. */
const SPREAD_MS = 5_000;

/**
 * When a client of a stopping service should try again, in milliseconds.
 * @param chance 0 to 1
 */
export function reconnectAfterMs(chance: number): number {
  return Math.ceil(chance * SPREAD_MS);
}
