import { invalidInput } from '../../schemas/validation.js';

/**
 * Unix milliseconds of an RFC 3339 date-time that has passed its schema.
 * @throws `invalid_input` for a leap second, which the system's clock does not know
 */
export function readTime(text: string, pointer: string): number {
  const unixMs = Date.parse(text);
  if (!Number.isNaN(unixMs)) return unixMs;
  throw invalidInput([{ pointer, detail: 'must be a time such as 2026-11-22T14:00:00Z' }]);
}

/** Unix milliseconds as an RFC 3339 date-time in UTC. */
export function timeText(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
