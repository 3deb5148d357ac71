import type { TableVersion } from '../../domain/cluster-dialect.js';
import type { MachineStatus } from '../../domain/machine.js';
import type { MachineCell } from '../../domain/table.js';
import type { FieldFault } from '../../ground/errors.js';
import type { DialectId } from '../../wire/dialects/dialect-id.js';

/** The fields that an operator provisions. Fields that are left out keep their value, or get their default. */
export interface MachineFields {
  readonly url?: string;
  readonly description?: string | null;
  readonly state?: MachineStatus;
  readonly failedAttempts?: number;
  /** Seconds. */
  readonly duration?: number;
  readonly priority?: number;
  readonly sipAddress?: string | null;
}

const FIELD_NAMES: Readonly<Record<keyof MachineFields, string>> = {
  url: 'url',
  description: 'description',
  state: 'state',
  failedAttempts: 'failed_attempts',
  duration: 'duration',
  priority: 'priority',
  sipAddress: 'sip_addr',
};

/** The names that the REST API has for these fields. */
export function fieldNames(fields: MachineFields): string[] {
  return (Object.keys(fields) as (keyof MachineFields)[]).map((field) => FIELD_NAMES[field]);
}

/**
 * Returns a fault for each field that the machine cannot have: `priority` and `sip_addr` are of dialect 2.4 and of table version 4, and that
 * table has no `duration`.
 */
export function fieldFaults(
  fields: MachineFields,
  dialect: DialectId,
  tableVersion: TableVersion,
  nodeTimeoutSeconds: number,
): FieldFault[] {
  const faultOf = (field: keyof MachineFields): string | null => {
    if (field === 'priority' || field === 'sipAddress') {
      if (dialect === '2.2') return 'is not a field of this request';
      return tableVersion === 4 ? null : 'has no column in this table: leave it out';
    }
    if (field !== 'duration' || tableVersion !== 4 || fields.duration === nodeTimeoutSeconds) return null;
    return `has no column in this table: leave it out, or set CLUSTERER_NODE_TIMEOUT_SECONDS (${nodeTimeoutSeconds})`;
  };
  return (Object.keys(fields) as (keyof MachineFields)[]).flatMap((field) => {
    const detail = faultOf(field);
    return detail === null ? [] : [{ pointer: `/${FIELD_NAMES[field]}`, detail }];
  });
}

/** A machine as it is now: a cell, or the own row, which has no cell. */
export type Provisioned = Pick<MachineCell, 'machine' | 'silentFor' | 'peer'>;
