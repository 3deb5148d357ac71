import type { MachineStatus } from '../../domain/machine.js';
import type { MachineCell } from '../../domain/table.js';

/** The fields that an operator provisions. Fields that are left out keep their value, or get their default. */
export interface MachineFields {
  readonly url?: string;
  readonly description?: string | null;
  readonly state?: MachineStatus;
  readonly failedAttempts?: number;
  /** Seconds. */
  readonly duration?: number;
}

const FIELD_NAMES: Readonly<Record<keyof MachineFields, string>> = {
  url: 'url',
  description: 'description',
  state: 'state',
  failedAttempts: 'failed_attempts',
  duration: 'duration',
};

/** The names that the REST API has for these fields. */
export function fieldNames(fields: MachineFields): string[] {
  return (Object.keys(fields) as (keyof MachineFields)[]).map((field) => FIELD_NAMES[field]);
}

/** A machine as it is now: a cell, or the own row, which has no cell. */
export type Provisioned = Pick<MachineCell, 'machine' | 'silentFor'>;
