import type { MachineRow, RowProblem } from '../../service/ports.js';
import type { Field } from '../names.js';
import type { TextRow } from './text-rows.js';

/** The largest key of the model's type. Past 2^53 two keys could also become equal. */
const LARGEST_KEY = 2 ** 31 - 1;

/**
 * Reads a row. The first field that is NULL or not an integer makes it a `RowProblem`.
 * Integers past 2^53 lose their last digits.
 */
export function readRow(row: TextRow): MachineRow | RowProblem {
  try {
    return {
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
    };
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    return { clustererId: integerOrNull(row.clusterer_id), field: error.field, reason: error.message };
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
  const found = row[field];
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
  return found !== null && /^-?\d+$/.test(found) ? Number(found) : null;
}
