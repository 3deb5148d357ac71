import type { MachineStatus } from '../../domain/machine.js';
import type { MachineCell } from '../../domain/table.js';

/** The fields an operator provisions; those left out keep their value, or get their default. */
export interface MachineFields {
  readonly url?: string;
  readonly description?: string | null;
  readonly state?: MachineStatus;
  readonly failedAttempts?: number;
  /** Seconds. */
  readonly duration?: number;
}

/** A machine as it stands now, and what it looks like: a cell, or the own row, which has none. */
export type Provisioned = Pick<MachineCell, 'machine' | 'silentFor'>;
