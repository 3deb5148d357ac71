import type { Machine } from './messages.js';

/** What the fleet of a machine tells of it, and when it is asked again; nothing in a cluster of OpenSIPS 2.2. */
export function toldOf(machine: Machine): Partial<Machine> {
  const { link, next_hop, releases, capabilities, seconds_until_enabling } = machine;
  const isTold = link !== undefined && next_hop !== undefined && releases !== undefined && capabilities !== undefined;
  return isTold ? { link, next_hop, releases, capabilities, seconds_until_enabling } : {};
}

export function sameTold(a: Machine, b: Machine): boolean {
  return JSON.stringify(toldOf(a)) === JSON.stringify(toldOf(b));
}
