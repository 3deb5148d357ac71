const LONGEST_RETRY_MS = 30_000;

/** Returns the milliseconds before the next write. They double after every consecutive failure, up to 30 s. */
export function retryDelayMs(baseMs: number, failures: number): number {
  if (failures === 0) return baseMs;
  return Math.min(Math.max(baseMs, 100) * 2 ** Math.min(failures, 16), LONGEST_RETRY_MS);
}
