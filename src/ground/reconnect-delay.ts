/** The clients of a service that stops reconnect spread over this time, not all at once. */
const SPREAD_MS = 5_000;

/**
 * Returns after how many milliseconds a client of a service that stops should reconnect.
 * @param chance 0 to 1
 */
export function reconnectAfterMs(chance: number): number {
  return Math.ceil(chance * SPREAD_MS);
}
