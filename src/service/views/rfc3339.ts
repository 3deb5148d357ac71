import { invalidInput } from '../../schemas/validation.js';

/**
 * Returns the unix milliseconds of an RFC 3339 date-time that its schema accepts.
 * @throws `invalid_input` for a leap second, which the system clock does not know
 */
export function parseTime(text: string, pointer: string): number {
  const unixMs = Date.parse(text);
  if (!Number.isNaN(unixMs)) return unixMs;
  throw invalidInput([{ pointer, detail: 'must be a time such as 2026-11-22T14:00:00Z' }]);
}

/** Returns an RFC 3339 date-time in UTC. */
export function formatTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
