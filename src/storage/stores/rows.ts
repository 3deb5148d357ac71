import type { MachineRow, RowProblem } from '../../service/ports/machine-store.js';
import type { Field } from '../names.js';
import type { TextRow } from './text-rows.js';

/** The largest key of the model's type. Past 2^53 two keys could also become equal. */
const LARGEST_KEY = 2 ** 31 - 1;

/**
 * Reads a row of table version 1. The first field that is NULL or not an integer makes it a `RowProblem`.
 * Integers past 2^53 lose their last digits.
 */
export function readRow(row: TextRow): MachineRow | RowProblem {
  return checked(row, () => ({
    clustererId: key(row),
    clusterId: integer(row, 'cluster_id'),
    machineId: integer(row, 'machine_id'),
    url: value(row, 'url'),
    state: integer(row, 'state'),
    description: row.description || null,
    failedAttempts: integer(row, 'failed_attempts'),
    lastAttempt: integer(row, 'last_attempt'),
    duration: integer(row, 'duration'),
    noTries: integer(row, 'no_tries'),
  }));
}

/**
 * Reads a row of table version 4, in the same way. Any `state` other than 0 is enabled, as for OpenSIPS.
 * @param duration in seconds
 */
export function readRow4(row: TextRow, duration: number): MachineRow | RowProblem {
  return checked(row, () => ({
    clustererId: key(row),
    clusterId: integer(row, 'cluster_id'),
    machineId: integer(row, 'machine_id'),
    url: value(row, 'url'),
    state: integer(row, 'state') === 0 ? 0 : 1,
    description: row.description || null,
    failedAttempts: integer(row, 'failed_attempts'),
    lastAttempt: 0,
    duration,
    noTries: 0,
    priority: integer(row, 'priority'),
    sipAddress: row.sip_addr || null,
  }));
}

function checked(row: TextRow, read: () => MachineRow): MachineRow | RowProblem {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    return { clustererId: integerOrNull(row.clusterer_id ?? null), field: error.field, reason: error.message };
  }
}

class WrongValue extends Error {
  constructor(
    readonly field: Field,
    reason: string,
  ) {
    super(reason);
  }
}

function key(row: TextRow): number {
  const number = integer(row, 'clusterer_id');
  if (number <= LARGEST_KEY) return number;
  throw new WrongValue('clusterer_id', `clusterer_id is larger than ${LARGEST_KEY}`);
}

function value(row: TextRow, field: Field): string {
  const found = row[field] ?? null;
  if (found === null) throw new WrongValue(field, `${field} is NULL`);
  return found;
}

function integer(row: TextRow, field: Field): number {
  const found = value(row, field);
  const number = integerOrNull(found);
  if (number === null) throw new WrongValue(field, `${field} is not an integer: "${found.slice(0, 40)}"`);
  return number;
}

function integerOrNull(found: string | null): number | null {
  const number = found !== null && /^-?\d+$/.test(found) ? Number(found) : null;
  return Number.isFinite(number) ? number : null;
}
