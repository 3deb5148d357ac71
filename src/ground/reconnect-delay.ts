/** Clients of a service that stops come back spread over this time, so that a thousand do not return at once. */
const SPREAD_MS = 5_000;

/** When one of them should try again. */
export function reconnectAfterMs(): number {
  return Math.ceil(Math.random() * SPREAD_MS);
}
