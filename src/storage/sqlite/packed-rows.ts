import { deserialize, serialize } from 'node:v8';
import type { LoadedRows, MachineRow } from '../../service/ports/machine-store.js';
import { nextTurn } from '../../service/turns.js';

/** Rows that are unpacked in one turn of the event loop: a third of a millisecond. */
const ROWS_IN_A_PART = 200;

/** A loaded table on its way between threads. As one list of objects it would stop the main thread: ten thousand rows are unpacked in 10 ms. */
export interface PackedRows extends Omit<LoadedRows, 'rows'> {
  readonly parts: readonly Uint8Array[];
}

export function packRows({ rows, ...rest }: LoadedRows): PackedRows {
  const parts: Uint8Array[] = [];
  for (let from = 0; from < rows.length; from += ROWS_IN_A_PART) {
    parts.push(serialize(rows.slice(from, from + ROWS_IN_A_PART)));
  }
  return { ...rest, parts };
}

export async function unpackRows({ parts, ...rest }: PackedRows): Promise<LoadedRows> {
  const rows: MachineRow[] = [];
  for (const part of parts) {
    rows.push(...(deserialize(part) as MachineRow[]));
    await nextTurn();
  }
  return { ...rest, rows };
}
