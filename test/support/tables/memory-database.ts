import type { TableVersion } from '../../../src/domain/cluster-dialect.js';
import type { DrainChange, DrainRow, DrainStore } from '../../../src/service/ports/drain-store.js';
import type {
  FleetPeer,
  FleetPeerChange,
  FleetSequence,
  FleetStore,
  FleetTag,
  LoadedFleet,
} from '../../../src/service/ports/fleet-store.js';
import type { HistoryEntry, HistoryFilter, HistoryStore, LastState } from '../../../src/service/ports/history-store.js';
import type {
  Accept,
  LoadedRows,
  MachineRow,
  MachineRowChange,
  MachineStore,
  NewMachineRow,
  StateChange,
} from '../../../src/service/ports/machine-store.js';
import type { OwnStores } from '../../../src/service/ports/own-stores.js';
import type { Delivery, DeliveryChange, WebhookStore } from '../../../src/service/ports/webhook-store.js';
import type { Database } from '../../../src/storage/opened.js';

/** A database in memory for tests that are not about databases. Its content survives `close`: the next service opens it again. */
export class MemoryDatabase {
  private readonly fleet = new MemoryFleet();
  private readonly machines: MemoryMachines;
  private readonly drains = new MemoryDrains();
  private readonly history = new MemoryHistory();
  /** Public, so that a test sees what was given up. */
  readonly webhooks = new MemoryWebhooks();

  /** @param tableVersion of the clusterer table. A table of version 4 keeps no tries, and gives every row a `duration` of 60 s */
  constructor(tableVersion: TableVersion = 1) {
    this.machines = new MemoryMachines(tableVersion);
  }

  async open(): Promise<Database> {
    const own: OwnStores = {
      drains: this.drains,
      history: { store: this.history, lastId: (await this.history.newest({}, 1))[0]?.id ?? 0 },
      fleet: this.fleet,
      openWebhooks: async () => this.webhooks,
    };
    return { machines: this.machines, keyFault: null, own };
  }
}

class MemoryMachines implements MachineStore {
  private readonly rows = new Map<number, MachineRow>();
  private lastId = 0;

  constructor(readonly tableVersion: TableVersion) {}

  async load(): Promise<LoadedRows> {
    return { rows: [...this.rows.values()].map((row) => ({ ...row })), skipped: [] };
  }

  async saveStates(changes: readonly StateChange[]): Promise<void> {
    for (const change of changes) {
      const row = this.rows.get(change.clustererId);
      if (row !== undefined) this.rows.set(change.clustererId, this.kept({ ...row, ...change }));
    }
  }

  async insert(row: NewMachineRow, accept?: Accept): Promise<MachineRow | 'duplicate'> {
    for (const { clusterId, machineId } of this.rows.values()) {
      if (clusterId === row.clusterId && machineId === row.machineId) return 'duplicate';
    }
    const stored = this.kept({ ...row, description: row.description || null, clustererId: ++this.lastId });
    accept?.(stored);
    this.rows.set(stored.clustererId, stored);
    return { ...stored };
  }

  async update(clustererId: number, change: MachineRowChange, accept?: Accept): Promise<MachineRow | null> {
    const row = this.rows.get(clustererId);
    if (row === undefined) return null;
    const named = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const given = { ...row, ...named };
    const changed = this.kept({ ...given, description: given.description || null });
    accept?.(changed);
    this.rows.set(clustererId, changed);
    return { ...changed };
  }

  async remove(clustererId: number): Promise<boolean> {
    return this.rows.delete(clustererId);
  }

  async ping(): Promise<void> {}

  /** The row as the columns of the table hold it. */
  private kept({ priority = 50, sipAddress = null, ...row }: MachineRow): MachineRow {
    if (this.tableVersion === 1) return row;
    const state = row.state === 0 ? 0 : 1;
    return { ...row, state, noTries: 0, lastAttempt: 0, duration: 60, priority, sipAddress: sipAddress || null };
  }

  async close(): Promise<void> {}
}

class MemoryDrains implements DrainStore {
  private readonly rows = new Map<string, DrainRow>();

  async load(): Promise<DrainRow[]> {
    return [...this.rows.values()];
  }

  async save(changes: readonly DrainChange[]): Promise<void> {
    for (const { clusterId, machineId, drain, endedSince } of changes) {
      const key = `${clusterId}/${machineId}`;
      const kept = this.rows.get(key)?.drain;
      if (drain !== null) this.rows.set(key, { clusterId, machineId, drain });
      else if (kept !== undefined && kept.since <= (endedSince ?? Number.POSITIVE_INFINITY)) this.rows.delete(key);
    }
  }
}

class MemoryFleet implements FleetStore {
  private readonly sequences = new Map<string, FleetSequence>();
  private readonly peers = new Map<string, FleetPeer>();
  private readonly tags = new Map<string, FleetTag>();

  async load(): Promise<LoadedFleet> {
    return { sequences: [...this.sequences.values()], peers: [...this.peers.values()], tags: [...this.tags.values()] };
  }

  async saveSequences(sequences: readonly FleetSequence[]): Promise<void> {
    for (const one of sequences) this.sequences.set(`${one.clusterId}/${one.machineId}/${one.kind}`, one);
  }

  async saveTags(tags: readonly FleetTag[]): Promise<void> {
    for (const one of tags) this.tags.set(`${one.clusterId}/${one.tag}`, one);
  }

  async savePeers(changes: readonly FleetPeerChange[]): Promise<void> {
    for (const { family, ...peer } of changes) {
      const key = `${peer.clusterId}/${peer.machineId}`;
      if (family === null) this.peers.delete(key);
      else this.peers.set(key, { ...peer, family });
    }
  }
}

class MemoryHistory implements HistoryStore {
  private entries: HistoryEntry[] = [];

  async add(entries: readonly HistoryEntry[]): Promise<void> {
    const there = new Set(this.entries.map(({ id }) => id));
    this.entries.push(...entries.filter(({ id }) => !there.has(id)));
    this.entries.sort((a, b) => b.id - a.id);
  }

  async newest(filter: HistoryFilter, limit: number): Promise<HistoryEntry[]> {
    return this.entries.filter((entry) => passes(entry, filter)).slice(0, limit);
  }

  async lastStates(): Promise<LastState[]> {
    const newest = new Map<string, HistoryEntry>();
    for (const entry of this.entries) {
      if (entry.kind !== 'node_state' && (entry.kind !== 'provisioning' || entry.detail.change === 'changed')) continue;
      const key = `${entry.clusterId}/${entry.machineId}`;
      if (!newest.has(key)) newest.set(key, entry);
    }
    return [...newest.values()].flatMap(({ kind, clusterId, machineId, detail }) => {
      if (kind !== 'node_state' || clusterId === null || machineId === null) return [];
      return [{ clusterId, machineId, state: String(detail.to) }];
    });
  }

  async purge(olderThan: number, keep: number): Promise<number> {
    const before = this.entries.length;
    this.entries = this.entries.slice(0, keep).filter(({ at }) => at >= olderThan);
    return before - this.entries.length;
  }
}

class MemoryWebhooks implements WebhookStore {
  readonly rows = new Map<number, DeliveryChange>();

  async load(): Promise<Delivery[]> {
    const waiting = [...this.rows.values()].filter(({ outcome }) => outcome === null);
    return waiting.map(({ delivery }) => delivery).sort((a, b) => a.id - b.id);
  }

  async save(changes: readonly DeliveryChange[]): Promise<void> {
    for (const change of changes) {
      if (change.outcome === 'delivered') this.rows.delete(change.delivery.id);
      else this.rows.set(change.delivery.id, change);
    }
  }

  async purge(before: number): Promise<void> {
    for (const { delivery } of this.rows.values()) if (delivery.at < before) this.rows.delete(delivery.id);
  }
}

function passes(entry: HistoryEntry, { clusterId, machineId, kind, since, until, before }: HistoryFilter): boolean {
  const wanted: [unknown, unknown][] = [
    [clusterId, entry.clusterId],
    [machineId, entry.machineId],
    [kind, entry.kind],
  ];
  if (wanted.some(([asked, found]) => asked !== undefined && asked !== found)) return false;
  if (since !== undefined && entry.at < since) return false;
  if (until !== undefined && entry.at >= until) return false;
  return before === undefined || entry.id < before;
}
