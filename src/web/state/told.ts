import type { Machine } from './messages.js';

/** What the fleet of a machine tells of it; nothing in a cluster of OpenSIPS 2.2. */
export function toldOf({ link, next_hop, releases, capabilities }: Machine): Partial<Machine> {
  const isTold = link !== undefined && next_hop !== undefined && releases !== undefined && capabilities !== undefined;
  return isTold ? { link, next_hop, releases, capabilities } : {};
}

export function sameTold(a: Machine, b: Machine): boolean {
  return JSON.stringify(toldOf(a)) === JSON.stringify(toldOf(b));
}
