import type { SqlQueryable } from '@prisma/driver-adapter-utils';
import type { Provider } from '../../config/database-url.js';
import { schemaTable } from '../names.js';
import { sqlQuery } from '../sql-query.js';
import { columnsOf } from './columns.js';

/**
 * The version of the tables in `prisma/tables`. A change of a table must raise it, and alter the tables of databases that have a lower
 * version: the own tables, and the clusterer table only where `created_table` is 1. A new table needs no statement: missing tables are created.
 *
 * 1: drains and history. 2: sequences and peers. 3: tags. 4: webhooks.
 */
const VERSION = 4;

/** The row of the table `clusterer_schema`. */
export interface SchemaRecord {
  readonly exists: boolean;
  /** Statements that bring the tables and the record from an earlier version to this one; none if they are of this version. */
  readonly raise: readonly string[];
  /** Statements that write it. `created`: this service created the clusterer table, no other program. */
  write(created: boolean): string[];
}

/** @throws {Error} when the record is of a newer version of this service */
export async function schemaRecordOf(database: SqlQueryable, provider: Provider, table: string): Promise<SchemaRecord> {
  const version = await readVersion(database, provider, table);
  if (version !== null && version > VERSION) {
    throw new Error(
      `The tables beside "${table}" were made by a newer version of this service: their schema has version ${version}, this service needs ${VERSION}. ` +
        'Start the newer one, or correct CLUSTERER_DB_TABLE.',
    );
  }
  // The condition: another service may have raised it meanwhile.
  const raise =
    version === null || version === VERSION
      ? []
      : [`UPDATE "clusterer_schema" SET version = ${VERSION} WHERE version < ${VERSION}`];
  return { exists: version !== null, raise, write: (created) => writeRecord(provider, created) };
}

async function readVersion(database: SqlQueryable, provider: Provider, table: string): Promise<number | null> {
  if ((await columnsOf(database, provider, schemaTable(table))).length === 0) return null;
  const { rows } = await database.queryRaw(sqlQuery(provider, 'SELECT version FROM "clusterer_schema"'));
  return rows[0] === undefined ? null : Number(rows[0][0]);
}

/** The key limits the table to one row, also when two services write it at once. */
function writeRecord(provider: Provider, created: boolean): string[] {
  const columns = 'id INTEGER NOT NULL PRIMARY KEY, version INTEGER NOT NULL, created_table INTEGER NOT NULL';
  const [insert, end] = provider === 'mysql' ? ['INSERT IGNORE', ''] : ['INSERT', ' ON CONFLICT DO NOTHING'];
  return [
    `CREATE TABLE IF NOT EXISTS "clusterer_schema" (${columns})`,
    `${insert} INTO "clusterer_schema" (id, version, created_table) VALUES (1, ${VERSION}, ${created ? 1 : 0})${end}`,
    // The record may be older than this table, if an earlier table was dropped.
    ...(created ? ['UPDATE "clusterer_schema" SET created_table = 1'] : []),
  ];
}

/**
 * Whether an earlier version of this service created the clusterer table. Those versions recorded it in Prisma's table of migrations:
 * finished without a step if the table existed before, and unfinished if the process ended in between.
 * The record names no table, so it counts for every CLUSTERER_DB_TABLE of the database.
 */
export async function wasCreatedEarlier(database: SqlQueryable, provider: Provider): Promise<boolean> {
  if ((await columnsOf(database, provider, '_prisma_migrations')).length === 0) return false;
  const { rows } = await database.queryRaw(
    sqlQuery(
      provider,
      `SELECT 1 FROM _prisma_migrations WHERE migration_name = '20260101000000_clusterer'
        AND rolled_back_at IS NULL AND (finished_at IS NULL OR applied_steps_count > 0)`,
    ),
  );
  return rows.length > 0;
}
