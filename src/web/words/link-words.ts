import type { Machine } from '../state/messages.js';

// What the page says of a machine of OpenSIPS 2.4 to 4.0. Other machines have no link.

/** What the state of a machine does not say of its link; empty if the state says it all. */
export function linkWords({ machine_id, state, link, next_hop = null }: Machine): string {
  if (link === undefined || state === 'down') return '';
  if (next_hop !== null && next_hop !== machine_id) return `reached through machine ${next_hop}`;
  if (state === 'up' && link !== 'up') return link === 'probing' ? 'waiting for its answer' : 'no link';
  return '';
}

/** The facts of the sheet, as names and values. */
export function fleetFacts(machine: Machine): [string, string][] {
  const { machine_id, link, next_hop, releases, capabilities = [] } = machine;
  if (link === undefined) return [];
  return [
    ['Link', link],
    ['Reached', next_hop == null ? 'by nobody' : next_hop === machine_id ? 'directly' : `through machine ${next_hop}`],
    ['OpenSIPS', releases ?? 'unknown release'],
    ['Capabilities', capabilities.map(capabilityWords).join(', ') || 'none known'],
  ];
}

function capabilityWords({ name, state }: NonNullable<Machine['capabilities']>[number]): string {
  return state === 'synced' ? name : `${name} (not synced)`;
}
