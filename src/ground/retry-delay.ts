const LONGEST_RETRY_MS = 30_000;

/** Returns how long to wait before a write: it doubles with each failure in a row, up to 30 s. */
export function retryDelayMs(baseMs: number, failures: number): number {
  if (failures === 0) return baseMs;
  return Math.min(Math.max(baseMs, 100) * 2 ** Math.min(failures, 16), LONGEST_RETRY_MS);
}
