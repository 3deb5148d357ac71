import type { Engine } from '../../domain/engine.js';
import type { CapabilityList, TopologyAnswer } from '../../schemas/fleet.js';
import { knownCluster } from '../views/errors.js';
import { capabilityState } from '../views/fleet-view.js';

/** What clients read of a fleet. A cluster of dialect 2.2 has no topology and no capabilities: its lists are empty. */
export class FleetQueries {
  constructor(
    private readonly engine: Engine,
    private readonly serverId: number,
  ) {}

  /** The clusters of dialect 2.4, by id. */
  get clusterIds(): number[] {
    return this.engine.table.clusters.filter(({ fleet }) => fleet !== null).map(({ clusterId }) => clusterId);
  }

  get hasOnlyFleets(): boolean {
    return this.engine.table.hasOnlyFleets;
  }

  isMember(clusterId: number): boolean {
    return this.engine.table.cluster(clusterId)?.fleet != null;
  }

  /** Whether an operator has disabled the own node in this cluster, so that nothing is sent there. */
  isOwnDisabled(clusterId: number): boolean {
    return this.engine.table.cluster(clusterId)?.fleet?.isOwnEnabled === false;
  }

  /** By name. @throws `unknown_cluster` */
  ownCapabilities(clusterId: number): string[] {
    return [...(knownCluster(this.engine.table, clusterId).fleet?.ownCapabilities ?? [])].sort();
  }

  /** Who is connected to whom, by what each machine has announced itself. @throws `unknown_cluster` */
  topology(clusterId: number): TopologyAnswer {
    const { fleet } = knownCluster(this.engine.table, clusterId);
    if (fleet === null) return { machines: [] };
    const { peers, topology } = fleet;
    const own = {
      machine_id: this.serverId,
      own: true,
      neighbours: peers.up.map((peer) => peer.machineId).sort(ascending),
    };
    const others = peers.all.map(({ machineId }) => ({
      machine_id: machineId,
      own: false,
      neighbours: [...topology.neighboursOf(machineId)].sort(ascending),
    }));
    return { machines: [own, ...others.sort((a, b) => ascending(a.machine_id, b.machine_id))] };
  }

  /** What modules of which machines replicate. @throws `unknown_cluster` */
  capabilities(clusterId: number): CapabilityList {
    const { fleet } = knownCluster(this.engine.table, clusterId);
    if (fleet === null) return { capabilities: [] };
    const states = new Map<string, Map<number, boolean>>();
    const add = (name: string, machineId: number, isSynced: boolean) => {
      const machines = states.get(name) ?? new Map<number, boolean>();
      states.set(name, machines.set(machineId, isSynced));
    };
    for (const name of fleet.ownCapabilities) add(name, this.serverId, false);
    for (const { machineId, capabilities } of fleet.peers.all) {
      for (const [name, isSynced] of capabilities) add(name, machineId, isSynced);
    }
    const capabilities = [...states].map(([name, machines]) => ({
      name,
      machines: [...machines]
        .sort(([a], [b]) => ascending(a, b))
        .map(([machine_id, isSynced]) => ({ machine_id, state: capabilityState(isSynced) })),
    }));
    return { capabilities: capabilities.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  }
}

function ascending(a: number, b: number): number {
  return a - b;
}
