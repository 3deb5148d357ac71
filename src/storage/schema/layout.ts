import type { TableVersion } from '../../domain/cluster-dialect.js';
import { type ClustererModel, type ColumnNames, FIELDS_4, type Field, type TableColumns } from '../names.js';

/** Which version of OpenSIPS's table it is, and the names of its columns. */
export interface TableLayout {
  readonly version: TableVersion;
  readonly model: ClustererModel;
  readonly columns: TableColumns;
  /** The name of the key column. */
  readonly key: string;
}

/** Only table version 4 has both. */
const MARKS = ['node_id', 'no_ping_retries'] as const;

/** The columns of version 4 that have another name there. */
const NAMES_4: Readonly<Partial<Record<Field, string>>> = {
  clusterer_id: 'id',
  machine_id: 'node_id',
  failed_attempts: 'no_ping_retries',
};

/**
 * Recognizes the version of a table by its columns. A variable that has its default means OpenSIPS's name in either version.
 * @param found the columns of the table; none if it does not exist
 * @param fresh the version of a table that does not exist yet
 */
export function layoutOf(found: readonly string[], configured: ColumnNames, fresh: TableVersion): TableLayout {
  const isFourth = found.length === 0 ? fresh === 4 : MARKS.every((column) => found.includes(column));
  if (!isFourth) return { version: 1, model: 'clusterer', columns: configured, key: configured.clusterer_id };
  const nameOf = (field: (typeof FIELDS_4)[number]): string => {
    const name = field === 'priority' || field === 'sip_addr' ? field : configured[field];
    return name === field ? (NAMES_4[field] ?? name) : name;
  };
  const columns: TableColumns = Object.fromEntries(FIELDS_4.map((field) => [field, nameOf(field)]));
  return { version: 4, model: 'clusterer_4', columns, key: nameOf('clusterer_id') };
}
