import type { Resolution } from '../ports/resolver.js';

/** Returns the addresses of a host after a lookup. When no name server answered, the known ones stay; only `ENOTFOUND` is about the name. */
export function ipsAfter(known: readonly string[], { ips, fault }: Resolution): readonly string[] {
  return fault === null || fault === 'ENOTFOUND' ? ips : known;
}
