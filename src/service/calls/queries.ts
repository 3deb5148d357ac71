import type { Engine } from '../../domain/engine.js';
import type { MachineState } from '../../domain/machine.js';
import { ServiceError } from '../../ground/errors.js';
import type { Clock } from '../../ground/ports.js';
import type { Snapshot } from '../../schemas/changes.js';
import type { ClusterView } from '../../schemas/cluster.js';
import { LINK_STATES, type LinkState } from '../../schemas/fleet.js';
import type { MachineView, NodeFilter } from '../../schemas/machine.js';
import type { ModuleView } from '../../schemas/packet.js';
import type { PacketCounts } from '../../schemas/packet-counts.js';
import type { Registrations } from '../delivery/registrations.js';
import type { ChangeLog } from '../events/change-log.js';
import { knownCluster, unknownMachine } from '../views/errors.js';
import { listMachines } from '../views/machine-list.js';
import { packetCounts } from '../views/packet-counts.js';
import { type VersionedMachine, versioned } from '../views/versioned.js';
import { clusterOf, clusterView, machineView, moduleView } from '../views/views.js';

/** What clients read. Nothing here changes the engine. */
export class Queries {
  constructor(
    private readonly engine: Engine,
    private readonly registrations: Registrations,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /** By ascending id. */
  clusters(): ClusterView[] {
    return this.engine.table.clusters.map(clusterView);
  }

  /** @throws `unknown_cluster` */
  cluster(clusterId: number): ClusterView {
    return clusterView(knownCluster(this.engine.table, clusterId));
  }

  /** @throws `unknown_cluster`, `unknown_machine` (also for the own row) */
  machine(clusterId: number, machineId: number): VersionedMachine {
    const cell = knownCluster(this.engine.table, clusterId).cell(machineId);
    if (cell === undefined) throw unknownMachine(clusterId, machineId);
    return versioned(cell, this.clock.now());
  }

  /** One page, by ascending cluster and machine id. @throws `invalid_input` for an unknown cursor */
  machines(filter: Partial<NodeFilter>): { readonly nodes: MachineView[]; readonly next_cursor: string | null } {
    const { cells, nextCursor } = listMachines(this.engine.table.clusters, filter);
    const now = this.clock.now();
    return { nodes: cells.map((cell) => machineView(cell, now)), next_cursor: nextCursor };
  }

  /** The state of every machine, by ascending cluster and machine id. */
  *states(): Generator<{ readonly clusterId: number; readonly machineId: number; readonly state: MachineState }> {
    for (const { machines } of this.engine.table.clusters) for (const { machine } of machines) yield machine;
  }

  /** The number of machines with a drain in force. */
  drained(): number {
    let count = 0;
    for (const { machines } of this.engine.table.clusters) {
      for (const { machine } of machines) if (machine.drain !== null) count++;
    }
    return count;
  }

  /** The links of every cluster of dialect 2.4, counted by state. */
  *links(): Generator<{ readonly clusterId: number; readonly state: LinkState; readonly count: number }> {
    for (const { clusterId, fleet, machines } of this.engine.table.clusters) {
      if (fleet === null) continue;
      const counts = { up: 0, probing: 0, down: 0 };
      for (const { peer } of machines) counts[peer?.link.state ?? 'down']++;
      for (const state of LINK_STATES) yield { clusterId, state, count: counts[state] };
    }
  }

  /** The registrations, by ascending number. */
  modules(): ModuleView[] {
    const now = this.clock.now();
    return [...this.registrations.all].map((log) => moduleView(log, now));
  }

  /** The newest packets of a registration, counted by name. @throws `unknown_registration` */
  packetCounts(number: number): PacketCounts {
    for (const log of this.registrations.all) if (log.registration.number === number) return packetCounts(log);
    throw new ServiceError(
      'unknown_registration',
      `No registration has the number ${number}; GET /modules lists them.`,
    );
  }

  /** The machines and registrations of one cluster, or of all (null). */
  snapshot(clusterId: number | null): Snapshot {
    const clusters = this.engine.table.clusters.filter((it) => clusterId === null || it.clusterId === clusterId);
    const logs = [...this.registrations.all].filter((log) => {
      return clusterId === null || clusterOf(log) === null || clusterOf(log) === clusterId;
    });
    const now = this.clock.now();
    return {
      seq: this.changes.seq,
      nodes: clusters.flatMap((cluster) => cluster.machines).map((cell) => machineView(cell, now)),
      modules: logs.map((log) => moduleView(log, now)),
    };
  }
}
