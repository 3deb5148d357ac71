import type { SqlQueryable } from '@prisma/driver-adapter-utils';
import type { Provider } from '../../config/database-url.js';
import { FIELDS, type Field, quoteIdentifier, type TableColumns } from '../names.js';
import { sqlQuery } from '../sql-query.js';

const CATALOGS: Readonly<Record<Provider, string>> = {
  sqlite: 'SELECT name FROM pragma_table_info(?)',
  postgresql:
    'SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped ORDER BY attnum',
  mysql:
    'SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position',
};

/** Returns the columns of a table or view as the database spells them; none when the table does not exist. */
export async function columnsOf(database: SqlQueryable, provider: Provider, table: string): Promise<string[]> {
  // to_regclass parses its argument as SQL; the other two compare names.
  const name = provider === 'postgresql' ? quoteIdentifier(provider, table) : table;
  const { rows } = await database.queryRaw(sqlQuery(provider, CATALOGS[provider], name));
  return rows.map(([column]) => String(column));
}

/** @throws {Error} that names every missing column, and the variable that sets its name */
export function assertColumns(table: string, found: readonly string[], columns: TableColumns): void {
  const missing = (Object.entries(columns) as [Field, string][]).filter(([, column]) => !found.includes(column));
  if (missing.length === 0) return;
  const wanted = missing.map(([field, column]) => `"${column}"${variableOf(field)}`).join(', ');
  throw new Error(
    `The table "${table}" has no column ${wanted}. It has: ${found.join(', ')}. ` +
      'Set the variables to the names of the columns with these values, or add the columns.',
  );
}

/** The columns that only version 4 has keep OpenSIPS's names. */
function variableOf(field: Field): string {
  return FIELDS.some((one) => one === field) ? ` (set CLUSTERER_${field.toUpperCase()}_COL)` : '';
}
