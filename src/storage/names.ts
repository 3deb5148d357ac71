import type { Provider } from '../config/database-url.js';

/** The columns of table version 1, under the names of OpenSIPS 2.2. The Prisma model and `prisma/tables` use these names. */
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

/** The columns of table version 4 that are used, under the names of version 1 where it has them. */
export const FIELDS_4 = [
  'clusterer_id',
  'cluster_id',
  'machine_id',
  'url',
  'state',
  'description',
  'failed_attempts',
  'priority',
  'sip_addr',
] as const;

export type Field = (typeof FIELDS)[number] | (typeof FIELDS_4)[number];

/** The operator's name for each column of version 1. Invariant: no two are equal; the configuration checks it. */
export type ColumnNames = Readonly<Record<(typeof FIELDS)[number], string>>;

/** The names of the columns that one version of the table has. */
export type TableColumns = Readonly<Partial<Record<Field, string>>>;

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
  return {
    clusterer_drains: `${table}_drains`,
    clusterer_history: `${table}_history`,
    clusterer_sequences: `${table}_sequences`,
    clusterer_peers: `${table}_peers`,
    clusterer_tags: `${table}_tags`,
    clusterer_webhooks: `${table}_webhooks`,
  };
}

/** Returns the name of the table with the schema version (schema/version.ts). */
export function schemaTable(table: string): string {
  return `${table}_schema`;
}

export type OwnTable =
  | 'clusterer_drains'
  | 'clusterer_history'
  | 'clusterer_sequences'
  | 'clusterer_peers'
  | 'clusterer_tags'
  | 'clusterer_webhooks';

/** The models of the clusterer table, one for each of its versions. */
export type ClustererModel = 'clusterer' | 'clusterer_4';

/** Names of the clusterer table: the operator's table and columns. */
export function nameTable(provider: Provider, table: string, columns: TableColumns): Naming {
  const fields = Object.entries(columns);
  const models = (['clusterer', 'clusterer_4'] satisfies ClustererModel[]).map((model): [string, string] => [
    model,
    table,
  ]);
  const keys = indexNames(provider, models, ['pkey', 'cluster_id_machine_id_key']);
  const naming = rename(provider, new Map([...models, ['clusterer_schema', schemaTable(table)], ...keys, ...fields]));
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
  /'(?:''|[^'])*'|"(?:""|[^"])*"(?:\.(?="clusterer(?:_4|_drains|_history|_sequences|_peers|_tags|_webhooks)?"))?|`(?:``|[^`])*`(?:\.(?=`clusterer(?:_4|_drains|_history|_sequences|_peers|_tags|_webhooks)?`))?/g;

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
