const FIRST_MS = 5_000;
const LONGEST_MS = 300_000;

/** The longest that a receiver can ask for. */
const MOST_ASKED_MS = 3_600_000;

/** An event that was not delivered for this long is given up. */
export const GIVEN_UP_AFTER_MS = 86_400_000;

/** Returns the milliseconds before the next attempt: 5 s after the first failure, doubled after each further one, up to 5 minutes. */
export function backOffMs(failures: number): number {
  return Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 16), LONGEST_MS);
}

/** Reads the header `Retry-After` (RFC 9110): seconds, or a date. Returns milliseconds, at most an hour; null when it is neither. */
export function retryAfterMs(header: string | null, unixMs: number): number | null {
  if (header === null) return null;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - unixMs;
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), MOST_ASKED_MS);
}
