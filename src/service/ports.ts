import type { KeptDrain } from '../domain/drain.js';

/** Row values of the clusterer table as they were read: numbers as numbers, `lastAttempt` possibly no sane time. */
export interface MachineRow {
  readonly clustererId: number;
  readonly clusterId: number;
  readonly machineId: number;
  readonly url: string;
  /** 0 down, 1 up, 2 temporarily disabled. */
  readonly state: number;
  /** Null stands for the empty text: it is kept as that, and never as NULL. */
  readonly description: string | null;
  readonly failedAttempts: number;
  /** Unix seconds. OpenSIPS 2.2 writes garbage here, so any integer must be expected. */
  readonly lastAttempt: number;
  /** Seconds. */
  readonly duration: number;
  readonly noTries: number;
}

/** A row that cannot be used as it stands, and why. */
export interface RowProblem {
  readonly clustererId: number | null;
  /** OpenSIPS 2.2's name of the field (`url`, `state`, …). */
  readonly field: string;
  readonly reason: string;
}

/** The three columns that the service itself changes. */
export interface StateChange {
  readonly clustererId: number;
  readonly state: number;
  readonly noTries: number;
  readonly lastAttempt: number;
}

export type NewMachineRow = Omit<MachineRow, 'clustererId'>;
export type MachineRowChange = Partial<Omit<MachineRow, 'clustererId' | 'clusterId' | 'machineId'>>;

/** What a load has read. */
export interface LoadedRows {
  readonly rows: MachineRow[];
  /** Rows whose values are no integers or no text at all. */
  readonly skipped: RowProblem[];
  /** How many rows hold NULL as their description, where any does: OpenSIPS 2.2 does not survive to read one. */
  readonly nullDescriptions?: number;
}

/** Throws where a row that has just been written cannot be used; it is then as it was. */
export type Accept = (stored: MachineRow) => void;

/** The clusterer table. Every method rejects with `DatabaseUnavailable` (errors.ts) when the database cannot be reached. */
export interface MachineStore {
  /** All rows by ascending `clustererId`. */
  load(): Promise<LoadedRows>;
  /** Writes the three columns of these rows in as few statements as it can, all or nothing. Rows that are gone are no error. */
  saveStates(changes: readonly StateChange[]): Promise<void>;
  /** Answers the row as stored, or `duplicate` when the cluster already has that machine. */
  insert(row: NewMachineRow, accept?: Accept): Promise<MachineRow | 'duplicate'>;
  /** Writes only the fields named; answers the row as stored, or null when it is gone. */
  update(clustererId: number, change: MachineRowChange, accept?: Accept): Promise<MachineRow | null>;
  /** Answers whether there was such a row. Rejects, and removes none, where there are several. */
  remove(clustererId: number): Promise<boolean>;
  /** Resolves when the table can be read, and when it can be written again where that was last found not to be so. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** A drain of one machine; null: it has none any more. */
export interface DrainChange {
  readonly clusterId: number;
  readonly machineId: number;
  readonly drain: KeptDrain | null;
  /** Unix milliseconds at which the one was set that came to its end: a later one is another service's, and stays. */
  readonly endedSince?: number;
}

export type DrainRow = DrainChange & { readonly drain: KeptDrain };

/** The drains, beside the clusterer table; they may be of machines that it has not. Rejects as `MachineStore` does. */
export interface DrainStore {
  load(): Promise<DrainRow[]>;
  /** All or nothing; no machine is named twice. */
  save(changes: readonly DrainChange[]): Promise<void>;
}

/** Something that happened. */
export interface HistoryEntry {
  /** Rises with every entry, also over restarts. */
  readonly id: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly kind: string;
  readonly clusterId: number | null;
  readonly machineId: number | null;
  readonly cause: string | null;
  /** The name of a token. */
  readonly by: string | null;
  /** What else there is to say, as the outside sees it. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Which entries are asked for; what is left out excludes none. */
export interface HistoryFilter {
  readonly clusterId?: number;
  readonly machineId?: number;
  readonly kind?: string;
  /** Unix milliseconds, itself included. */
  readonly since?: number;
  /** Unix milliseconds, itself not included. */
  readonly until?: number;
  /** Only entries with a lower id. */
  readonly before?: number;
}

/** The state that a machine had last, as the history has it. */
export interface LastState {
  readonly clusterId: number;
  readonly machineId: number;
  readonly state: string;
}

/** What happened, beside the clusterer table. Rejects as `MachineStore` does. */
export interface HistoryStore {
  /** In one statement. Entries that are there already are no error. */
  add(entries: readonly HistoryEntry[]): Promise<void>;
  /** By descending id. */
  newest(filter: HistoryFilter, limit: number): Promise<HistoryEntry[]>;
  /** Of each machine whose state has changed since it was created. */
  lastStates(): Promise<LastState[]>;
  /** Removes, in small steps, what is older than a time in unix milliseconds, and all but the newest `keep`; answers how many. */
  purge(olderThan: number, keep: number): Promise<number>;
}

/** The service's own tables. */
export interface OwnStores {
  readonly drains: DrainStore;
  /** `lastId` is that of the newest entry in the table, 0 for none. */
  readonly history: { readonly store: HistoryStore; readonly lastId: number };
}

/** Why a packet was not handed to the kernel. */
export type SendError = 'refused' | 'timeout' | 'reset' | 'unresolved' | 'queue_full' | 'address_unusable';

/** Where a packet goes. `attempt` is the engine's token; the sender hands it back untouched with the outcome. */
export interface SendTarget {
  readonly clusterId: number;
  readonly machineId: number;
  /** `bin`, or `bins` for TLS. */
  readonly protocol: string;
  readonly host: string;
  readonly port: number;
  /** The address that is known for the host; null: none. */
  readonly ip: string | null;
  readonly attempt: number;
}

/** The outgoing side: one kept connection a machine. */
export interface Sender {
  /** `done` is called exactly once: null when the kernel took the whole frame, else why not. Never calls it before it returns. */
  send(target: SendTarget, frame: Buffer, done: (error: SendError | null) => void): void;
  /** Closes the machine's connection; waiting frames fail with `reset`, and no attempt is reported. */
  disconnect(clusterId: number, machineId: number): void;
  /** Finishes what is being written (at most the write time-out), then closes everything. */
  close(): Promise<void>;
}

/** What the sender reports. */
export interface SenderEvents {
  /** One failed attempt, however many frames waited for it. */
  failed(clusterId: number, machineId: number, attempt: number): void;
  succeeded(clusterId: number, machineId: number, attempt: number): void;
  /** The host was looked up before a connection. Not called for hosts that are IP addresses. */
  resolved(clusterId: number, machineId: number, host: string, found: Resolution): void;
}

/** What a host leads to. */
export interface Resolution {
  /** In canonical text; the first counts where one is needed. Empty: none was found. */
  readonly ips: readonly string[];
  /** Why none was found: a code of getaddrinfo. `ENOTFOUND` is about the name, any other (`EAI_AGAIN`) about those who should know. */
  readonly fault: string | null;
}

/** Host names to addresses. */
export interface Resolver {
  /** May take minutes. IP addresses lead to themselves, at once. Never rejects. */
  resolve(host: string): Promise<Resolution>;
  /** Ends what it needs for that. */
  close?(): void;
}

/** Is told how long a write of changed rows took, whether or not the database took it. */
export type Flushed = (seconds: number) => void;
