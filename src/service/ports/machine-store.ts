import type { TableVersion } from '../../domain/cluster-dialect.js';

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

/** Called with the duration of each write of changed rows, successful or not. */
export type Flushed = (seconds: number) => void;
