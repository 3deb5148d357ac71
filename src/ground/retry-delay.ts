const LONGEST_RETRY_MS = 30_000;

/** How long to wait before something is written (again): twice as long after every failure in a row, up to 30 s. */
export function retryDelayMs(baseMs: number, failures: number): number {
  if (failures === 0) return baseMs;
  return Math.min(Math.max(baseMs, 100) * 2 ** Math.min(failures, 16), LONGEST_RETRY_MS);
}
