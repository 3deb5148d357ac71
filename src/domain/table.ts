import type { Timed } from './deadlines.js';
import type { Fleet } from './fleet/fleet.js';
import type { Peer } from './fleet/peer.js';
import type { Machine } from './machine.js';

/** What a cell knows of a disabled reception. */
export interface Silence {
  readonly registration: { readonly number: number; readonly module: string };
}

/** Holds the record of a machine: records are replaced, the cell stays. */
export class MachineCell implements Timed {
  dueAt = 0;
  slot = -1;
  /** A small number, unique in its cluster and reused after a removal; -1 outside a cluster. */
  place = -1;
  /** Rises when the state or the address is set; attempts of an earlier generation do not count (S5). */
  generation = 0;
  /** Counts changes of `state`, `noTries` and `lastAttempt`, to notice one during a write (S6). */
  changes = 0;
  /** The disabled receptions of this machine; null for none, which is almost always. */
  silentFor: Set<Silence> | null = null;
  /** What its fleet knows of it; null in a cluster of dialect 2.2. */
  peer: Peer | null = null;

  constructor(public machine: Machine) {}
}

/** A cluster exists while it has a loaded row, the own row included, or while this service is a member without a row. */
export class Cluster {
  /** The row of this service: never listed, never sent to. */
  own: Machine | null = null;
  /** Null in dialect 2.2. */
  fleet: Fleet | null = null;
  private readonly cells = new Map<number, MachineCell>();
  /** Places of removed machines. */
  private readonly freePlaces: number[] = [];
  private sorted: readonly MachineCell[] | null = null;

  constructor(readonly clusterId: number) {}

  get empty(): boolean {
    return this.own === null && this.fleet === null && this.cells.size === 0;
  }

  /** The number of machines, without the own row. */
  get size(): number {
    return this.cells.size;
  }

  /** By ascending machine id. */
  get machines(): readonly MachineCell[] {
    this.sorted ??= [...this.cells.values()].sort((a, b) => a.machine.machineId - b.machine.machineId);
    return this.sorted;
  }

  cell(machineId: number): MachineCell | undefined {
    return this.cells.get(machineId);
  }

  add(cell: MachineCell): void {
    cell.place = this.freePlaces.pop() ?? this.cells.size;
    this.cells.set(cell.machine.machineId, cell);
    this.sorted = null;
  }

  remove({ place, machine }: MachineCell): void {
    this.cells.delete(machine.machineId);
    this.freePlaces.push(place);
    this.sorted = null;
  }
}

/** The loaded clusters. */
export class ClusterTable {
  private readonly byId = new Map<number, Cluster>();
  private sorted: readonly Cluster[] | null = null;

  /** By ascending cluster id. */
  get clusters(): readonly Cluster[] {
    this.sorted ??= [...this.byId.values()].sort((a, b) => a.clusterId - b.clusterId);
    return this.sorted;
  }

  /** Whether there are clusters, and all speak 2.4. */
  get hasOnlyFleets(): boolean {
    return this.byId.size > 0 && this.clusters.every(({ fleet }) => fleet !== null);
  }

  /** The number of machines, without own rows. */
  get size(): number {
    let size = 0;
    for (const cluster of this.byId.values()) size += cluster.size;
    return size;
  }

  cluster(clusterId: number): Cluster | undefined {
    return this.byId.get(clusterId);
  }

  cell(clusterId: number, machineId: number): MachineCell | undefined {
    return this.byId.get(clusterId)?.cell(machineId);
  }

  /** Returns the cluster, and creates it if it does not exist. */
  ensure(clusterId: number): Cluster {
    const known = this.byId.get(clusterId);
    if (known !== undefined) return known;
    const cluster = new Cluster(clusterId);
    this.byId.set(clusterId, cluster);
    this.sorted = null;
    return cluster;
  }

  dropIfEmpty(cluster: Cluster): void {
    if (!cluster.empty) return;
    this.byId.delete(cluster.clusterId);
    this.sorted = null;
  }
}
