import type { MachineView } from '../../../schemas/machine.js';
import type { ClusterService } from '../../../service/cluster-service.js';
import type { MiCommand } from './command.js';

const LINK_STATES = { up: 'Up', probing: 'Probe', down: 'Down' } as const;
const STATES_22 = { up: 'Up', temp_disabled: 'Probe', down: 'Down' } as const;

/** The lists of OpenSIPS 4.0. */
export function fleetLists(service: ClusterService): Record<'list' | 'topology' | 'capabilities', MiCommand> {
  const command = (run: () => object): MiCommand => ({ role: 'read', lists: [[]], run });
  return {
    list: command(() => {
      const { nodes } = service.queries.machines({ limit: Number.POSITIVE_INFINITY });
      const byCluster = new Map(service.queries.clusters().map(({ cluster_id }) => [cluster_id, [] as object[]]));
      for (const machine of nodes) byCluster.get(machine.cluster_id)?.push(node(machine));
      return { Clusters: [...byCluster].map(([cluster_id, Nodes]) => ({ cluster_id, Nodes })) };
    }),
    topology: command(() => ({
      Clusters: service.fleets.clusterIds.map((cluster_id) => ({
        cluster_id,
        Nodes: service.fleets
          .topology(cluster_id)
          .machines.map(({ machine_id, neighbours }) => ({ node_id: machine_id, Neighbours: neighbours })),
      })),
    })),
    // A daemon lists its own capabilities. This service is no donor, so none of its own is synced.
    capabilities: command(() => ({
      Clusters: service.fleets.clusterIds.map((cluster_id) => ({
        cluster_id,
        Capabilities: service.fleets
          .ownCapabilities(cluster_id)
          .map((name) => ({ name, state: 'not synced', enabled: 'yes' })),
      })),
    })),
  };
}

/** A machine of a 2.2 cluster has no link: its state stands for it. */
function node(machine: MachineView): object {
  const { machine_id, clusterer_id, url, state, link, next_hop, learned, description } = machine;
  const isUp = link === undefined ? state === 'up' : next_hop !== null;
  const hop = link === undefined ? machine_id : next_hop;
  return {
    node_id: machine_id,
    db_id: learned === true ? -1 : clusterer_id,
    url,
    link_state: link === undefined ? STATES_22[state] : LINK_STATES[link],
    state: state === 'down' ? 'disabled' : 'enabled',
    next_hop: isUp ? String(hop) : 'none',
    description: description || 'none',
  };
}
