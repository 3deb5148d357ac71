import type { Resolution } from '../ports.js';

/** The addresses of a host after a look-up: those that are known stay when it failed for a reason that is not about the name. */
export function ipsAfter(known: readonly string[], { ips, fault }: Resolution): readonly string[] {
  return fault === null || fault === 'ENOTFOUND' ? ips : known;
}
