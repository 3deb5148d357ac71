import type { Now } from '../ground/now.js';
import { capabilityOf } from '../wire/cluster/capability-of.js';
import type { NodeDescription } from '../wire/cluster/messages.js';
import { SYNCABLE } from '../wire/modules/sync.js';
import type { DialectOf } from './cluster-dialect.js';
import type { StoredDrain } from './drain.js';
import { EarlySyncs } from './early-syncs.js';
import type { FleetEffect } from './fleet/effects.js';
import { Fleet } from './fleet/fleet.js';
import type { LinkTimes } from './fleet/link.js';
import type { Machine } from './machine.js';
import { Memory, type Remembered } from './memory.js';

/** How this service takes part in clusters of dialect 2.4. */
export interface FleetSettings extends LinkTimes {
  readonly dialectOf: DialectOf;
  /** The urls to join through, by cluster (J4). */
  readonly joins: ReadonlyMap<number, readonly string[]>;
  /** The own url in clusters that have no own row. */
  readonly advertiseUrl: string;
  readonly seedFallbackMs: number;
  readonly syncTimeoutMs: number;
  readonly syncHeldBytes: number;
}

/** No cluster of dialect 2.4. */
export const NO_FLEETS: FleetSettings = {
  dialectOf: () => '2.2',
  joins: new Map(),
  advertiseUrl: '',
  pingIntervalMs: 4_000,
  pingTimeoutMs: 1_000,
  nodeTimeoutMs: 60_000,
  seedFallbackMs: 5_000,
  syncTimeoutMs: 15_000,
  syncHeldBytes: 2 ** 25,
};

/** The fleets in which this service is a member. */
export class Fleets {
  private readonly byCluster = new Map<number, Fleet>();
  /** By cluster. A cluster that this service leaves keeps its memory, because its machines do too. */
  private readonly memories = new Map<number, Memory>();
  /** The modules that registrations here have, by registration. */
  private readonly modules = new Map<number, { readonly clusterId: number; readonly capability: string }>();
  private readonly earlySyncs: EarlySyncs;

  constructor(
    private readonly serverId: number,
    readonly settings: FleetSettings,
  ) {
    this.earlySyncs = new EarlySyncs(settings.seedFallbackMs);
  }

  /** Monotonic milliseconds of the next deadline; Infinity if there is none. */
  get nextDeadline(): number {
    let next = this.earlySyncs.nextDeadline;
    for (const fleet of this.byCluster.values()) next = Math.min(next, fleet.nextDeadline);
    return next;
  }

  of(clusterId: number): Fleet | undefined {
    return this.byCluster.get(clusterId);
  }

  get all(): Iterable<Fleet> {
    return this.byCluster.values();
  }

  /** Call it before the first `join`. */
  remember(remembered: ReadonlyMap<number, Remembered>): void {
    for (const [clusterId, memory] of remembered) this.memories.set(clusterId, new Memory(memory));
  }

  /** Keeps what a fleet wants to be remembered, for a later fleet of the same cluster in this process. */
  keep(effect: FleetEffect & { readonly type: 'sequence_reserved' | 'family' | 'tag_wish' }): void {
    const memory = this.memoryOf(effect.clusterId);
    if (effect.type === 'family') memory.families.set(effect.machineId, effect.family);
    else if (effect.type === 'tag_wish') memory.wishes.set(effect.tag, effect.wish);
    else memory.sequences.set(effect.kind, effect.seq);
  }

  /** The machine left the table: it is drained again when it is learned again. */
  keepDrain({ clusterId, machineId, drain }: Machine): void {
    if (drain !== null) this.memoryOf(clusterId).drains.set(machineId, drain);
  }

  /** Removes and returns the drain that was kept of a machine. */
  takeDrain(clusterId: number, machineId: number): StoredDrain | null {
    const drains = this.memories.get(clusterId)?.drains;
    const drain = drains?.get(machineId) ?? null;
    drains?.delete(machineId);
    return drain;
  }

  /** Becomes a member, or changes the description of the own node. */
  join(clusterId: number, own: NodeDescription, now: Now, out: FleetEffect[]): Fleet {
    const known = this.byCluster.get(clusterId);
    if (known !== undefined) {
      known.describe(own);
      return known;
    }
    const { joins, pingIntervalMs, pingTimeoutMs, nodeTimeoutMs, seedFallbackMs, syncTimeoutMs, syncHeldBytes } =
      this.settings;
    const joinUrls = joins.get(clusterId) ?? [];
    const fleet = new Fleet({
      pingIntervalMs,
      pingTimeoutMs,
      nodeTimeoutMs,
      seedFallbackMs,
      syncTimeoutMs,
      syncHeldBytes,
      clusterId,
      machineId: this.serverId,
      own,
      learns: joins.has(clusterId),
      joinUrls,
      remembered: this.memoryOf(clusterId),
    });
    this.byCluster.set(clusterId, fleet);
    for (const module of this.modules.values()) {
      if (concerns(module, clusterId)) fleet.addCapability(module.capability, now, out);
    }
    fleet.start(now, out);
    for (const { registration, capability } of this.earlySyncs.take(clusterId)) {
      fleet.requestSync(capability, registration, now, out);
    }
    return fleet;
  }

  leave(clusterId: number, now: Now, out: FleetEffect[]): void {
    this.byCluster.get(clusterId)?.stop(now, out);
    this.byCluster.delete(clusterId);
  }

  registered(number: number, clusterId: number, module: string, now: Now, out: FleetEffect[]): void {
    const registered = { clusterId, capability: capabilityOf(module) };
    this.modules.set(number, registered);
    for (const [id, fleet] of this.byCluster) {
      if (concerns(registered, id)) fleet.addCapability(registered.capability, now, out);
    }
  }

  /** Requests a sync, now or as soon as the fleet exists. Returns false for a capability that has none. */
  requestSync(number: number, clusterId: number, module: string, now: Now, out: FleetEffect[]): boolean {
    const capability = capabilityOf(module);
    const fleet = this.byCluster.get(clusterId);
    if (fleet !== undefined) return fleet.requestSync(capability, number, now, out);
    if (!this.canSync(clusterId, module)) return false;
    this.earlySyncs.add(number, clusterId, capability, now.monotonicMs);
    return true;
  }

  /** Whether a module of this cluster has a sync (Y1). */
  canSync(clusterId: number, module: string): boolean {
    return clusterId !== 0 && this.settings.dialectOf(clusterId) === '2.4' && SYNCABLE.includes(capabilityOf(module));
  }

  /** Fires the deadlines outside the fleets. */
  advance(now: Now, out: FleetEffect[]): void {
    this.earlySyncs.advance(now.monotonicMs, out);
  }

  unregistered(number: number, now: Now, out: FleetEffect[]): void {
    const registered = this.modules.get(number);
    if (registered === undefined) return;
    this.modules.delete(number);
    this.earlySyncs.delete(number);
    for (const [id, fleet] of this.byCluster) {
      if (!concerns(registered, id)) continue;
      fleet.forgetSync(number, now, out);
      fleet.deleteCapability(registered.capability);
    }
  }

  private memoryOf(clusterId: number): Memory {
    const known = this.memories.get(clusterId);
    if (known !== undefined) return known;
    const memory = new Memory();
    this.memories.set(clusterId, memory);
    return memory;
  }
}

/** A registration for cluster 0 is one for all clusters. */
function concerns(registered: { readonly clusterId: number }, clusterId: number): boolean {
  return registered.clusterId === 0 || registered.clusterId === clusterId;
}
