import type { Member } from './member.js';

/**
 * `auth_check` in dialect 2.4 (F9): the source is the address of some machine of the cluster, because a packet may be routed, and its origin is a
 * machine of the cluster. Ports are not compared. Returns null if it passes.
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

/** The machine from whose address a packet came: its origin if that has the address, else the only one that has it; null if several do, or none. */
export function neighbourAt(members: Iterable<Member>, origin: number, ip: string): number | null {
  const there = [...members].filter((member) => member.ips.includes(ip)).map((member) => member.machineId);
  if (there.includes(origin)) return origin;
  return there.length === 1 ? (there[0] ?? null) : null;
}
