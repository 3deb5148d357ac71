import type { Provider } from '../config/database-url.js';

/** The columns of the clusterer table under OpenSIPS 2.2's names: those of the Prisma model and of `prisma/tables`. */
export const FIELDS = [
  'clusterer_id',
  'cluster_id',
  'machine_id',
  'url',
  'state',
  'description',
  'failed_attempts',
  'last_attempt',
  'duration',
  'no_tries',
] as const;

export type Field = (typeof FIELDS)[number];

/** The operator's name for each column. Invariant: no two are equal (`assertDistinct`, columns.ts). */
export type ColumnNames = Readonly<Record<Field, string>>;

/** Translates between SQL in OpenSIPS 2.2's names and the operator's table. */
export interface Naming {
  toTable(sql: string): string;
  fromTable(columnNames: readonly string[]): string[];
}

/** The columns that are named by hand, and must be quoted as the database wants it. */
export const HISTORY_COLUMNS = ['id', 'at', 'kind', 'cluster_id', 'machine_id', 'cause', 'asked_by', 'detail'] as const;

/** Any text as an identifier of that database. */
export function quoteIdentifier(provider: Provider, name: string): string {
  return provider === 'postgresql' ? `"${name.replaceAll('"', '""')}"` : `\`${name.replaceAll('`', '``')}\``;
}

/** The own tables under their names in the model, and where they are: beside the clusterer table, named after it. */
export function ownTables(table: string): Readonly<Record<OwnTable, string>> {
  return { clusterer_drains: `${table}_drains`, clusterer_history: `${table}_history` };
}

/** The table with the version of these tables (version.ts). */
export function schemaTable(table: string): string {
  return `${table}_schema`;
}

export type OwnTable = 'clusterer_drains' | 'clusterer_history';

/** Names for the clusterer table: the operator's table and columns. */
export function nameTable(provider: Provider, table: string, columns: ColumnNames): Naming {
  const fields = FIELDS.map((field) => [field, columns[field]] as const);
  const keys = indexNames(provider, [['clusterer', table]], ['pkey', 'cluster_id_machine_id_key']);
  const naming = rename(
    provider,
    new Map([['clusterer', table], ['clusterer_schema', schemaTable(table)], ...keys, ...fields]),
  );
  const fromColumn = new Map<string, string>(fields.map(([field, column]) => [column, field]));
  return { ...naming, fromTable: (columnNames) => columnNames.map((name) => fromColumn.get(name) ?? name) };
}

/** Names for the own tables: their columns are ours, whatever the operator calls those of the clusterer table. */
export function nameOwnTables(provider: Provider, table: string): Naming {
  const tables = Object.entries(ownTables(table));
  const columns = HISTORY_COLUMNS.map((column): [string, string] => [column, column]);
  return rename(
    provider,
    new Map([...tables, ...columns, ...indexNames(provider, tables, ['pkey', 'cluster_id_machine_id_idx'])]),
  );
}

/** MySQL keeps index names per table; elsewhere a second table in the same database needs its own. */
function indexNames(
  provider: Provider,
  tables: readonly (readonly [string, string])[],
  suffixes: readonly string[],
): [string, string][] {
  if (provider === 'mysql') return [];
  return tables.flatMap(([model, table]) =>
    suffixes.map((suffix): [string, string] => [`${model}_${suffix}`, `${table}_${suffix}`]),
  );
}

// Literals are matched so that they are passed over. A qualifier before the table's name (Prisma writes "public" or `main`)
// is dropped: as in OpenSIPS, the connection decides in which schema the table is.
const QUOTED =
  /'(?:''|[^'])*'|"(?:""|[^"])*"(?:\.(?="clusterer(?:_drains|_history)?"))?|`(?:``|[^`])*`(?:\.(?=`clusterer(?:_drains|_history)?`))?/g;

/**
 * Renames the quoted identifiers of the model, in `"…"` or `` `…` ``, to the operator's and quotes them as the database wants it;
 * everything else in the statement stays as it is. All names change in one pass, so that swapped names are safe.
 */
function rename(provider: Provider, names: ReadonlyMap<string, string>): Naming {
  return {
    toTable: (sql) =>
      sql.replace(QUOTED, (quoted) => {
        if (quoted.startsWith("'")) return quoted;
        if (quoted.endsWith('.')) return '';
        const name = names.get(quoted.slice(1, -1));
        return name === undefined ? quoted : quoteIdentifier(provider, name);
      }),
    fromTable: (columnNames) => [...columnNames],
  };
}
