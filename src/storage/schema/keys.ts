import type { SqlQueryable } from '@prisma/driver-adapter-utils';
import type { Provider } from '../../config/database-url.js';
import { quoteIdentifier } from '../names.js';
import { sqlQuery } from '../sql-query.js';

/** Why the service does not create, change or remove rows of the table. */
export interface KeyFault {
  /** No two rows can have the same key. If so, the three state columns can still be written. */
  readonly unique: boolean;
  /** For the operator. */
  readonly reason: string;
}

interface Catalog {
  /** Returns one row of three booleans: it is a table (not a view), the column is unique, the column is generated. */
  readonly sql: string;
  /** In the order of the question marks. */
  args(table: string, column: string): string[];
}

const CATALOGS: Readonly<Record<Provider, Catalog>> = {
  // INTEGER PRIMARY KEY is an alias of the rowid and has no index.
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
  // A trigger may generate the key too. A default without a function call is the same for every row.
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
  // The driver knows the key of a new row only from AUTO_INCREMENT.
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
 * Returns null when the column is a key, and for a view: the catalog does not describe its columns that far.
 * Statements on a view are still limited to one row (machine-store.ts).
 */
export async function keyFaultOf(
  database: SqlQueryable,
  provider: Provider,
  table: string,
  column: string,
): Promise<KeyFault | null> {
  const { sql, args } = CATALOGS[provider];
  const { rows } = await database.queryRaw(sqlQuery(provider, sql, ...args(table, column)));
  // PostgreSQL returns booleans, the others 0 or 1 as some integer type.
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
    'is not unique, so a statement for one row could change another',
    'make it the primary key',
  ],
  notGenerated: [
    'for provisioning',
    'has no generated value',
    'let the database generate it (AUTO_INCREMENT; SERIAL or IDENTITY; INTEGER PRIMARY KEY)',
  ],
} as const;
