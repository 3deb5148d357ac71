import type { Registration } from '../../domain/reception.js';

/**
 * Returns, for each module that monitors silence, the length of its longest current silence in milliseconds.
 * @param nameOf the name that a module is counted under
 */
export function longestSilences(
  registrations: Iterable<Registration>,
  nowMs: number,
  nameOf: (module: string) => string,
): Map<string, number> {
  const longest = new Map<string, number>();
  for (const { module, timeoutMs, receptions } of registrations) {
    if (timeoutMs === 0 || receptions.size === 0) continue;
    const name = nameOf(module);
    longest.set(name, Math.max(longest.get(name) ?? 0, nowMs - receptions.oldestPacketAt));
  }
  return longest;
}
