import type { Timed } from './deadlines.js';
import type { Machine } from './machine.js';

/** What a cell knows of a watch that has disabled the machine's reception. */
export interface Silence {
  readonly registration: { readonly number: number; readonly module: string };
}

/** Where a machine's record is kept: the record is replaced, the cell stays. */
export class MachineCell implements Timed {
  dueAt = 0;
  slot = -1;
  /** A small number that no other machine of its cluster has; -1 before it is in one. */
  place = -1;
  /** Rises whenever someone sets the state or the address; what was begun under an older one no longer counts (S5). */
  generation = 0;
  /** Counts changes of `state`, `noTries` and `lastAttempt`: tells whether a row changed while it was being written. */
  changes = 0;
  /** The watches that have disabled this machine's reception; null for none, as almost always. */
  silentFor: Set<Silence> | null = null;

  constructor(public machine: Machine) {}
}

/** A cluster exists while it has a row that is loaded, its own included. */
export class Cluster {
  /** The row of this service itself: never listed, never sent to. */
  own: Machine | null = null;
  private readonly cells = new Map<number, MachineCell>();
  /** Places of machines that are gone. */
  private readonly freePlaces: number[] = [];
  private sorted: readonly MachineCell[] | null = null;

  constructor(readonly clusterId: number) {}

  get empty(): boolean {
    return this.own === null && this.cells.size === 0;
  }

  /** How many machines it has, the own row not among them. */
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

  /** How many machines there are, own rows not among them. */
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

  /** The cluster, made when it is not there yet. */
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
