import type { TableVersion } from '../domain/cluster-dialect.js';
import type { StoredDrain } from '../domain/drain.js';
import type { TagWish } from '../domain/fleet/tag.js';
import type { Family } from '../wire/cluster/family.js';

/** A row of the clusterer table as read. `lastAttempt` may not be a plausible time. */
export interface MachineRow {
  readonly clustererId: number;
  readonly clusterId: number;
  readonly machineId: number;
  readonly url: string;
  /** 0 down, 1 up, 2 temporarily disabled. */
  readonly state: number;
  /** Null is stored as the empty text in a table of version 1, never as NULL. */
  readonly description: string | null;
  readonly failedAttempts: number;
  /** Unix seconds. OpenSIPS 2.2 writes garbage here, so it may be any integer. */
  readonly lastAttempt: number;
  /** Seconds. */
  readonly duration: number;
  readonly noTries: number;
  /** Which machine relays for others: the lower, the sooner. Absent in a table of version 1, like `sipAddress`. */
  readonly priority?: number;
  /** `ip` or `ip:port` of SIP; null is stored as NULL. */
  readonly sipAddress?: string | null;
}

/** A row that is skipped or repaired, and why. */
export interface RowProblem {
  readonly clustererId: number | null;
  /** The name of the field in OpenSIPS 2.2 (`url`, `state`, …). */
  readonly field: string;
  readonly reason: string;
}

/** The columns that the service changes. A table of version 4 has only `state`, and takes 2 for 1. */
export interface StateChange {
  readonly clustererId: number;
  readonly state: number;
  readonly noTries: number;
  readonly lastAttempt: number;
}

export type NewMachineRow = Omit<MachineRow, 'clustererId'>;
export type MachineRowChange = Partial<Omit<MachineRow, 'clustererId' | 'clusterId' | 'machineId'>>;

/** The result of a load. */
export interface LoadedRows {
  readonly rows: MachineRow[];
  /** Rows with values that are not integers, or not text. */
  readonly skipped: RowProblem[];
  /** The number of rows whose description is NULL, if there are any: they crash OpenSIPS 2.2. */
  readonly nullDescriptions?: number;
}

/** Throws if a written row cannot be used; the write is then undone. */
export type Accept = (stored: MachineRow) => void;

/** The clusterer table. Every method rejects with `DatabaseUnavailable` if the database cannot be reached. */
export interface MachineStore {
  readonly tableVersion: TableVersion;
  /** All rows by ascending `clustererId`. */
  load(): Promise<LoadedRows>;
  /** Writes the state columns of these rows in as few statements as possible, all or nothing. A row that no longer exists is not an error. */
  saveStates(changes: readonly StateChange[]): Promise<void>;
  /** Returns the stored row, or `duplicate` if the cluster has that machine. */
  insert(row: NewMachineRow, accept?: Accept): Promise<MachineRow | 'duplicate'>;
  /** Writes the given fields. Returns the stored row, or null if it no longer exists. */
  update(clustererId: number, change: MachineRowChange, accept?: Accept): Promise<MachineRow | null>;
  /** Returns false if there is no such row. Rejects, and removes nothing, if there are several. */
  remove(clustererId: number): Promise<boolean>;
  /** Resolves if the table can be read, and if it can be written when the last write failed. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** The drain of one machine; null: it ended. */
export interface DrainChange {
  readonly clusterId: number;
  readonly machineId: number;
  readonly drain: StoredDrain | null;
  /** Unix milliseconds at which the ended drain began: a later one belongs to another service and stays. */
  readonly endedSince?: number;
}

export type DrainRow = DrainChange & { readonly drain: StoredDrain };

/** The table of drains. It may have drains of machines that the clusterer table does not have. Rejects as `MachineStore` does. */
export interface DrainStore {
  load(): Promise<DrainRow[]>;
  /** All or nothing. Each machine occurs once. */
  save(changes: readonly DrainChange[]): Promise<void>;
}

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

/** The floods of dialect 2.4 that are numbered (docs/protocol.md), each kind by itself. */
export type SequenceKind = 'links' | 'topology' | 'capabilities';

/** The last sequence number that a machine of this service used in a cluster. */
export interface FleetSequence {
  readonly clusterId: number;
  /** The server id: services with different ids may share the tables. */
  readonly machineId: number;
  readonly kind: SequenceKind;
  readonly seq: number;
}

/** The wire family of a machine; null: it is not known any more. */
export interface FleetPeerChange {
  readonly clusterId: number;
  readonly machineId: number;
  readonly family: Family | null;
}

export type FleetPeer = FleetPeerChange & { readonly family: Family };

/** What an operator wants of a sharing tag. */
export interface FleetTag {
  readonly clusterId: number;
  /** Upper and lower case differ. */
  readonly tag: string;
  readonly wish: TagWish;
}

export interface LoadedFleet {
  readonly sequences: readonly FleetSequence[];
  readonly peers: readonly FleetPeer[];
  readonly tags: readonly FleetTag[];
}

/** What a member of clusters of dialect 2.4 must know after a restart. Rejects as `MachineStore` does. */
export interface FleetStore {
  load(): Promise<LoadedFleet>;
  /** All or nothing. Each cluster, machine and kind occurs once. */
  saveSequences(sequences: readonly FleetSequence[]): Promise<void>;
  /** All or nothing. Each machine occurs once. */
  savePeers(changes: readonly FleetPeerChange[]): Promise<void>;
  /** All or nothing. Each tag of a cluster occurs once. */
  saveTags(tags: readonly FleetTag[]): Promise<void>;
}

/** The tables that the service adds to the database. */
export interface OwnStores {
  readonly drains: DrainStore;
  /** `lastId`: the id of the newest entry, 0 if there is none. */
  readonly history: { readonly store: HistoryStore; readonly lastId: number };
  /** `unusable`: why its tables cannot be used, for the operator. Only clusters of dialect 2.4 need them. */
  readonly fleet: FleetStore | { readonly unusable: string };
}

/** Why the kernel did not get a packet. `layout`: it was not tried, because the payload does not suit the machine. */
export type SendError = 'refused' | 'timeout' | 'reset' | 'unresolved' | 'queue_full' | 'address_unusable' | 'layout';

/** Where a packet goes. The sender reports the outcome with the same `attempt`. */
export interface SendTarget {
  readonly clusterId: number;
  readonly machineId: number;
  /** `bin`, or `bins` for TLS. */
  readonly protocol: string;
  readonly host: string;
  readonly port: number;
  /** The known address of the host; null if there is none. */
  readonly ip: string | null;
  readonly attempt: number;
}

/** Sends packets: one persistent connection for each machine. */
export interface Sender {
  /**
   * Calls `done` exactly once, after it returns: with null if the kernel took the whole frame, otherwise with the error.
   * @param isUrgent write before the next socket is read: for replies that a machine waits for, and that it asks for again if they get lost
   */
  send(target: SendTarget, frame: Buffer, done: (error: SendError | null) => void, isUrgent?: boolean): void;
  /** Closes the connection of a machine. Waiting frames fail with `reset`, and no attempt is reported. */
  disconnect(clusterId: number, machineId: number): void;
  /** Finishes writes in progress (at most for the write timeout), then closes everything. */
  close(): Promise<void>;
}

/** Answers on connections that others opened. */
export interface Replies {
  /** Does nothing if the connection is closed, or takes no more. */
  reply(connection: number, frame: Buffer): void;
}

/** What the sender reports. */
export interface SenderEvents {
  /** One failed attempt, however many frames waited for it. */
  failed(clusterId: number, machineId: number, attempt: number): void;
  succeeded(clusterId: number, machineId: number, attempt: number): void;
  /** The host was resolved before connecting. Not called for IP addresses. */
  resolved(clusterId: number, machineId: number, host: string, found: Resolution): void;
}

/** The result of a lookup. */
export interface Resolution {
  /** In canonical text; the first is used for sending. Empty: none was found. */
  readonly ips: readonly string[];
  /** Why none was found: a code of getaddrinfo. `ENOTFOUND` concerns the name, others (`EAI_AGAIN`) the name servers. */
  readonly fault: string | null;
}

/** Resolves host names. */
export interface Resolver {
  /** May take minutes; at once for an IP address, which resolves to itself. Never rejects. */
  resolve(host: string): Promise<Resolution>;
  /** Stops the worker, if there is one. */
  close?(): void;
}

/** Called with the duration of each write of changed rows, successful or not. */
export type Flushed = (seconds: number) => void;
