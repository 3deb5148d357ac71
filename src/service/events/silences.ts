import type { Registration } from '../../domain/reception.js';

/**
 * How long nothing has come from the machine that has been silent longest, in milliseconds, for each module that watches
 * any. `nameOf` says under which name a module is known.
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
