import type { TopologyAnswer } from '../../schemas/fleet.js';
import type { TagList, TagView } from '../../schemas/tags.js';
import { type Api, ApiError } from './api.js';
import { type Change, clusterOf } from './messages.js';
import type { Store } from './store.js';

/** The links that a machine says are up. */
export type TopologyMachine = TopologyAnswer['machines'][number];

/** A cluster of OpenSIPS 2.4 to 4.0 as last read. */
export interface Fleet {
  readonly topology: readonly TopologyMachine[];
  readonly tags: readonly TagView[];
}

/** Events of a fleet come in bursts; this many milliseconds of them are one read. */
const PAUSE_MS = 200;

/** These events change what is read here. */
const RELEVANT: readonly string[] = ['link', 'topology', 'tag', 'machine_added', 'machine_removed', 'nodes_reloaded'];

/** Reads the fleets when the page connects, and again after each event that changes them. One read at a time for each cluster. */
export class Fleets {
  private readonly known = new Map<number, Fleet>();
  /** Clusters that are being read, and whether something has changed since the read began. */
  private readonly reading = new Map<number, boolean>();

  /** @param changed called with the cluster after each read */
  constructor(
    private readonly api: Api,
    private readonly store: Store,
    private readonly changed: (clusterId: number) => void,
  ) {}

  /** By cluster, ascending. */
  get all(): [number, Fleet][] {
    return [...this.known].sort(([a], [b]) => a - b);
  }

  of(clusterId: number): Fleet | undefined {
    return this.known.get(clusterId);
  }

  /** Called after each connect, when the store has the machines. */
  begin(): void {
    const clusters = new Set<number>();
    for (const { machine } of this.store.machines.values()) {
      if (machine.dialect !== undefined) clusters.add(machine.cluster_id);
    }
    for (const clusterId of this.known.keys()) if (!clusters.has(clusterId)) this.forget(clusterId);
    for (const clusterId of clusters) void this.read(clusterId);
  }

  apply(change: Change): void {
    if (!RELEVANT.includes(change.method)) return;
    const clusterId = clusterOf(change);
    if (clusterId !== null && this.known.has(clusterId)) void this.read(clusterId);
    else this.begin();
  }

  private async read(clusterId: number): Promise<void> {
    const isRunning = this.reading.has(clusterId);
    this.reading.set(clusterId, isRunning);
    if (isRunning) return;
    try {
      const [{ machines }, { tags }] = await Promise.all([
        this.api.request<TopologyAnswer>('GET', `clusters/${clusterId}/topology`),
        this.api.request<TagList>('GET', `clusters/${clusterId}/tags`),
      ]);
      this.known.set(clusterId, { topology: machines, tags });
      this.changed(clusterId);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // A cluster without rows does not exist. After any other error the next event or connect reads again.
      if (error.status === 404) this.forget(clusterId);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const isOld = this.reading.get(clusterId);
    this.reading.delete(clusterId);
    if (isOld === true) void this.read(clusterId);
  }

  private forget(clusterId: number): void {
    this.known.delete(clusterId);
    this.changed(clusterId);
  }
}
