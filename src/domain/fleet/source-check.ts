import type { Member } from './member.js';

/**
 * `auth_check` in dialect 2.4 (F9): the source is an address of any machine of the cluster, because another machine may have forwarded the packet, and the origin is
 * a machine of the cluster. Ports are not compared. Returns null if it passes.
 * @param ip canonical text
 */
export function memberMismatch(members: Iterable<Member>, origin: number, ip: string): 'machine_id' | 'ip' | null {
  let knowsOrigin = false;
  let knowsIp = false;
  for (const member of members) {
    knowsOrigin ||= member.machineId === origin;
    knowsIp ||= member.ips.includes(ip);
  }
  if (!knowsOrigin) return 'machine_id';
  return knowsIp ? null : 'ip';
}

/** The machine from whose address a packet came: its origin if it has this address, otherwise the only machine that has it. Null if several have it, or none. */
export function neighbourAt(members: Iterable<Member>, origin: number, ip: string): number | null {
  const there = [...members].filter((member) => member.ips.includes(ip)).map((member) => member.machineId);
  if (there.includes(origin)) return origin;
  return there.length === 1 ? (there[0] ?? null) : null;
}
