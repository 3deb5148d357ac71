import type { Provider } from '../config/database-url.js';

/** The columns of the clusterer table under the names of OpenSIPS 2.2. The Prisma model and `prisma/tables` use these names. */
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

/** The operator's name for each column. Invariant: no two are equal; the configuration checks it. */
export type ColumnNames = Readonly<Record<Field, string>>;

/** Translates between SQL with the model's names and the operator's table. */
export interface Naming {
  toTable(sql: string): string;
  fromTable(columnNames: readonly string[]): string[];
}

/** Column names in hand-written SQL, which must be quoted for each database. */
export const HISTORY_COLUMNS = ['id', 'at', 'kind', 'cluster_id', 'machine_id', 'cause', 'asked_by', 'detail'] as const;

/** Returns any text as an identifier of that database. */
export function quoteIdentifier(provider: Provider, name: string): string {
  return provider === 'postgresql' ? `"${name.replaceAll('"', '""')}"` : `\`${name.replaceAll('`', '``')}\``;
}

/** Returns the names of the own tables by their names in the model. They are named after the clusterer table. */
export function ownTables(table: string): Readonly<Record<OwnTable, string>> {
  return { clusterer_drains: `${table}_drains`, clusterer_history: `${table}_history` };
}

/** Returns the name of the table with the schema version (schema/version.ts). */
export function schemaTable(table: string): string {
  return `${table}_schema`;
}

export type OwnTable = 'clusterer_drains' | 'clusterer_history';

/** Names of the clusterer table: the operator's table and columns. */
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

/** Names of the own tables. Their columns keep the model's names. */
export function nameOwnTables(provider: Provider, table: string): Naming {
  const tables = Object.entries(ownTables(table));
  const columns = HISTORY_COLUMNS.map((column): [string, string] => [column, column]);
  return rename(
    provider,
    new Map([...tables, ...columns, ...indexNames(provider, tables, ['pkey', 'cluster_id_machine_id_idx'])]),
  );
}

/** Index names: MySQL's are per table; the others need different names for a second table in the same database. */
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

// Matches literals to skip them. Drops a qualifier before the table's name (Prisma writes "public" or `main`):
// the connection decides which schema is used, as in OpenSIPS.
const QUOTED =
  /'(?:''|[^'])*'|"(?:""|[^"])*"(?:\.(?="clusterer(?:_drains|_history)?"))?|`(?:``|[^`])*`(?:\.(?=`clusterer(?:_drains|_history)?`))?/g;

/**
 * Replaces the model's quoted identifiers, in `"…"` or `` `…` ``, by the operator's names in the quotes of that database.
 * The rest of the statement does not change. All names are replaced in one pass, so names may be swapped.
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
