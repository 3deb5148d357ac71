import type {
  Accept,
  DrainChange,
  DrainRow,
  DrainStore,
  HistoryEntry,
  HistoryFilter,
  HistoryStore,
  LastState,
  LoadedRows,
  MachineRow,
  MachineRowChange,
  MachineStore,
  NewMachineRow,
  OwnStores,
  StateChange,
} from '../../../src/service/ports.js';
import type { Database } from '../../../src/storage/opened.js';

/** A database in memory for tests that are not about databases. Its content survives `close`: the next service opens it again. */
export class MemoryDatabase {
  private readonly machines = new MemoryMachines();
  private readonly drains = new MemoryDrains();
  private readonly history = new MemoryHistory();

  async open(): Promise<Database> {
    const own: OwnStores = {
      drains: this.drains,
      history: { store: this.history, lastId: (await this.history.newest({}, 1))[0]?.id ?? 0 },
    };
    return { machines: this.machines, keyFault: null, own };
  }
}

class MemoryMachines implements MachineStore {
  private readonly rows = new Map<number, MachineRow>();
  private lastId = 0;

  async load(): Promise<LoadedRows> {
    return { rows: [...this.rows.values()].map((row) => ({ ...row })), skipped: [] };
  }

  async saveStates(changes: readonly StateChange[]): Promise<void> {
    for (const change of changes) {
      const row = this.rows.get(change.clustererId);
      if (row !== undefined) this.rows.set(change.clustererId, { ...row, ...change });
    }
  }

  async insert(row: NewMachineRow, accept?: Accept): Promise<MachineRow | 'duplicate'> {
    for (const { clusterId, machineId } of this.rows.values()) {
      if (clusterId === row.clusterId && machineId === row.machineId) return 'duplicate';
    }
    const stored = { ...row, description: row.description || null, clustererId: ++this.lastId };
    accept?.(stored);
    this.rows.set(stored.clustererId, stored);
    return { ...stored };
  }

  async update(clustererId: number, change: MachineRowChange, accept?: Accept): Promise<MachineRow | null> {
    const row = this.rows.get(clustererId);
    if (row === undefined) return null;
    const named = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const changed = { ...row, ...named };
    if (changed.description === '') changed.description = null;
    accept?.(changed);
    this.rows.set(clustererId, changed);
    return { ...changed };
  }

  async remove(clustererId: number): Promise<boolean> {
    return this.rows.delete(clustererId);
  }

  async ping(): Promise<void> {}

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
