import type { Provider } from '../database-url.js';

/** The columns of the clusterer table under the seed's names: those of the Prisma model and of the migrations. */
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

/** Translates between SQL in the seed's names and the operator's table. */
export interface Naming {
  toTable(sql: string): string;
  fromTable(columnNames: readonly string[]): string[];
}

// Literals are matched so that they are passed over. A qualifier before the table's name (Prisma writes "public" or `main`)
// is dropped: as in OpenSIPS, the connection decides in which schema the table is.
const QUOTED = /'(?:''|[^'])*'|"(?:""|[^"])*"(?:\.(?="clusterer"))?|`(?:``|[^`])*`(?:\.(?=`clusterer`))?/g;

/** Any text as an identifier of that database. */
export function quoteIdentifier(provider: Provider, name: string): string {
  return provider === 'postgresql' ? `"${name.replaceAll('"', '""')}"` : `\`${name.replaceAll('`', '``')}\``;
}

/**
 * Renames the quoted identifiers of the model, in `"…"` or `` `…` ``, to the operator's and quotes them as the database wants it;
 * everything else in the statement stays as it is. All names change in one pass, so that swapped names are safe.
 */
export function nameTable(provider: Provider, table: string, columns: ColumnNames): Naming {
  const names = new Map<string, string>([
    ['clusterer', table],
    ...FIELDS.map((field) => [field, columns[field]] as const),
  ]);
  // MySQL keeps index names per table; elsewhere a second table in the same database needs its own.
  if (provider !== 'mysql') {
    names.set('clusterer_pkey', `${table}_pkey`);
    names.set('clusterer_cluster_id_machine_id_key', `${table}_cluster_id_machine_id_key`);
  }
  const fields = new Map<string, string>(FIELDS.map((field) => [columns[field], field]));

  return {
    toTable: (sql) =>
      sql.replace(QUOTED, (quoted) => {
        if (quoted.startsWith("'")) return quoted;
        if (quoted.endsWith('.')) return '';
        const name = names.get(quoted.slice(1, -1));
        return name === undefined ? quoted : quoteIdentifier(provider, name);
      }),
    fromTable: (columnNames) => columnNames.map((name) => fields.get(name) ?? name),
  };
}
