import type { StoredDrain } from '../../domain/drain.js';

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
