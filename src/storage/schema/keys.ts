import type { SqlQueryable } from '@prisma/driver-adapter-utils';
import type { Provider } from '../../config/database-url.js';
import { quoteIdentifier } from '../names.js';
import { statement } from '../sql-query.js';

/** Why rows of the table may not be created, changed or removed. */
export interface KeyFault {
  /** Whether no two rows can have the same key: then the three columns of the state may be written. */
  readonly unique: boolean;
  /** In words for the operator. */
  readonly reason: string;
}

interface Catalog {
  /** Answers one row: whether it is a table (and not a view), whether the column is unique, whether it is generated. */
  readonly sql: string;
  /** In the order of the question marks. */
  args(table: string, column: string): string[];
}

const CATALOGS: Readonly<Record<Provider, Catalog>> = {
  // INTEGER PRIMARY KEY is another name of the row's own number, and no index says so.
  sqlite: {
    sql: `WITH key AS (SELECT ? AS tab, ? AS col),
      alias AS (SELECT count(*) > 0 AS is_alias FROM key, pragma_table_info(tab) c WHERE c.name = col AND c.pk = 1 AND upper(c.type) = 'INTEGER'
        AND (SELECT max(pk) FROM pragma_table_info(tab)) = 1
        AND NOT EXISTS (SELECT 1 FROM pragma_index_list(tab) WHERE origin = 'pk'))
      SELECT (SELECT type FROM sqlite_master WHERE name = tab COLLATE NOCASE AND type IN ('table', 'view')) = 'table',
        is_alias OR EXISTS (SELECT 1 FROM pragma_index_list(tab) i WHERE i.[unique] = 1 AND i.partial = 0
          AND (SELECT count(*) = 1 AND max(name) = col FROM pragma_index_info(i.name))),
        is_alias OR EXISTS (SELECT 1 FROM pragma_table_info(tab) WHERE name = col AND dflt_value LIKE '%(%')
      FROM key, alias`,
    args: (table, column) => [table, column],
  },
  // A trigger may fill it in, too; a default that calls nothing is the same for every row.
  postgresql: {
    sql: `SELECT t.relkind IN ('r', 'p'),
        EXISTS (SELECT 1 FROM pg_catalog.pg_index i WHERE i.indrelid = t.oid AND i.indisunique AND i.indisvalid
          AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum),
        a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE '%(%', false)
          OR EXISTS (SELECT 1 FROM pg_catalog.pg_trigger g WHERE g.tgrelid = t.oid AND NOT g.tgisinternal AND g.tgtype & 7 = 7)
      FROM pg_catalog.pg_class t
        JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid
        LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
      WHERE t.oid = to_regclass(?) AND a.attname = ?`,
    args: (table, column) => [quoteIdentifier('postgresql', table), column],
  },
  // The driver learns the key of a new row from AUTO_INCREMENT only.
  mysql: {
    sql: `SELECT t.table_type LIKE '%TABLE%',
        EXISTS (SELECT 1 FROM information_schema.statistics s WHERE s.table_schema = DATABASE() AND s.table_name = ?
          AND s.non_unique = 0 GROUP BY s.index_name HAVING COUNT(*) = 1 AND MAX(s.column_name) = ?),
        c.extra LIKE '%auto_increment%'
      FROM information_schema.tables t JOIN information_schema.columns c
        ON c.table_schema = t.table_schema AND c.table_name = t.table_name
      WHERE t.table_schema = DATABASE() AND t.table_name = ? AND c.column_name = ?`,
    args: (table, column) => [table, column, table, column],
  },
};

/**
 * Null where the column is a key, or where the catalog cannot know: a view has none, and may well show one.
 * Its statements are still held to one row (machine-store.ts).
 */
export async function keyFaultOf(
  database: SqlQueryable,
  provider: Provider,
  table: string,
  column: string,
): Promise<KeyFault | null> {
  const { sql, args } = CATALOGS[provider];
  const { rows } = await database.queryRaw(statement(provider, sql, ...args(table, column)));
  // PostgreSQL answers truth values, the others 0 or 1 in whichever integer type the driver likes.
  const [isTable, unique, generated] = (rows[0] ?? []).map((value) => value === true || Number(value) === 1);
  if (isTable !== true || (unique === true && generated === true)) return null;
  const [scope, fault, remedy] = unique === true ? FAULTS.notGenerated : FAULTS.notUnique;
  const reason =
    `The table "${table}" is read-only ${scope}: its key column "${column}" ${fault}. ` +
    `Set CLUSTERER_CLUSTERER_ID_COL to the column that is the key, or ${remedy}, and start again.`;
  return { unique: unique === true, reason };
}

const FAULTS = {
  notUnique: [
    'for provisioning and for persistent mode',
    'is not unique, so that a statement for one row could change another',
    'make it the primary key',
  ],
  notGenerated: [
    'for provisioning',
    'gets no value from the database when a row is inserted',
    'have it generated (AUTO_INCREMENT; SERIAL or IDENTITY; INTEGER PRIMARY KEY)',
  ],
} as const;
