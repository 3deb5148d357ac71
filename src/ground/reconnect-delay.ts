/** Clients of a stopping service reconnect spread over this time, so that a thousand do not come at once. */
const SPREAD_MS = 5_000;

/**
 * Returns the milliseconds after which a client of a stopping service should reconnect.
 * @param chance a random number from 0 to 1
 */
export function reconnectAfterMs(chance: number): number {
  return Math.ceil(chance * SPREAD_MS);
}
