import { type FleetFields, isLearned } from '../../domain/machine.js';
import type { FleetMachineFields } from '../../schemas/fleet.js';
import type { Family } from '../../wire/cluster/family.js';
import type { Provisioned } from './provisioned.js';

/** The oldest and the newest release of each wire family (docs/protocol.md). */
const RELEASES: Readonly<Record<Family, NonNullable<FleetMachineFields['releases']>>> = {
  C1: '2.4.0-3.0.0',
  C2: '2.4.7-3.1.6',
  C3: '3.1.7-3.1.17',
  D1: '3.2.0-3.2.3',
  D2: '3.2.4-3.2.19',
  E: '3.3-4.0',
};

/** What a machine of dialect 2.4 shows besides what every machine shows. Before its fleet began, nobody reaches it. */
export function fleetView(cell: Pick<Provisioned, 'machine' | 'peer'>, fleet: FleetFields): FleetMachineFields {
  const { machine, peer } = cell;
  const family = peer?.family ?? null;
  const capabilities = [...(peer?.capabilities ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    dialect: '2.4',
    ...(isLearned(machine) && { learned: true }),
    priority: fleet.priority,
    sip_addr: fleet.sipAddress,
    link: peer?.link.state ?? 'down',
    next_hop: peer?.nextHop ?? null,
    releases: family === null ? null : RELEASES[family],
    capabilities: capabilities.map(([name, isSynced]) => ({ name, state: capabilityState(isSynced) })),
  };
}

export function capabilityState(isSynced: boolean): FleetMachineFields['capabilities'][number]['state'] {
  return isSynced ? 'synced' : 'not_synced';
}
