/** An event of the history. */
export interface HistoryEntry {
  /** Rises with every entry, across restarts too. */
  readonly id: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly kind: string;
  readonly clusterId: number | null;
  readonly machineId: number | null;
  readonly cause: string | null;
  /** The name of a token. */
  readonly by: string | null;
  /** Further fields, as in the API. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Selects entries; an omitted field selects all. */
export interface HistoryFilter {
  readonly clusterId?: number;
  readonly machineId?: number;
  readonly kind?: string;
  /** Unix milliseconds, inclusive. */
  readonly since?: number;
  /** Unix milliseconds, exclusive. */
  readonly until?: number;
  /** Only entries with a lower id. */
  readonly before?: number;
}

/** The last state of a machine in the history. */
export interface LastState {
  readonly clusterId: number;
  readonly machineId: number;
  readonly state: string;
}

/** The table of history. Rejects as `MachineStore` does. */
export interface HistoryStore {
  /** In one statement. An entry that exists is not an error. */
  add(entries: readonly HistoryEntry[]): Promise<void>;
  /** By descending id. */
  newest(filter: HistoryFilter, limit: number): Promise<HistoryEntry[]>;
  /** For each machine whose state has changed since it was created. */
  lastStates(): Promise<LastState[]>;
  /** Removes, in small steps, entries older than a time in Unix milliseconds, and all but the newest `keep`. Returns their number. */
  purge(olderThan: number, keep: number): Promise<number>;
}
