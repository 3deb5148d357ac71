import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SqlDriverAdapter, SqlQueryable } from '@prisma/driver-adapter-utils';
import type { Provider } from '../../config/database-url.js';
import type { ClustererModel, OwnTable } from '../names.js';
import { sqlQuery } from '../sql-query.js';
import { isPermissionDenied, isUnwritable } from '../unavailable.js';
import { columnsOf } from './columns.js';
import { schemaRecordOf, wasCreatedEarlier } from './version.js';

/** The same depth from src/storage/schema and from dist/storage/schema. */
const TABLES = join(__dirname, '../../../prisma/tables');

/** A table to create where it is missing. */
export interface NamedTable {
  /** Its name in the model, and in `prisma/tables`. */
  readonly model: ClustererModel | OwnTable;
  /** Its name in this database. */
  readonly table: string;
  /** Called with the name of a table that was missing. */
  readonly created: (table: string) => void;
}

/**
 * Creates the clusterer table where it is missing, and records the version of the schema beside it.
 * A table that exists is not altered. A user who may not write can use one that exists, with the earlier record or without one.
 * @throws {Error} when the table is missing and the user may not create it, or when a newer version of this service made the tables
 */
export async function prepareClusterer(
  database: SqlDriverAdapter,
  provider: Provider,
  clusterer: NamedTable,
): Promise<void> {
  const { table } = clusterer;
  // Before the record: another service that starts now writes the record first, and then creates the table.
  const exists = await tableExists(database, provider, table);
  if (!exists) {
    const record = await schemaRecordOf(database, provider, table);
    return create(database, provider, clusterer, record.write(true));
  }
  try {
    const record = await schemaRecordOf(database, provider, table);
    const statements = record.exists ? record.raise : record.write(await wasCreatedEarlier(database, provider));
    if (statements.length > 0) await runAll(database, provider, statements);
  } catch (error) {
    if (!isPermissionDenied(error) && !isUnwritable(error)) throw error;
  }
}

/** @throws {Error} when the table is missing and cannot be created */
export async function createIfMissing(
  database: SqlDriverAdapter,
  provider: Provider,
  named: NamedTable,
): Promise<void> {
  if (!(await tableExists(database, provider, named.table))) await create(database, provider, named, []);
}

async function create(
  database: SqlDriverAdapter,
  provider: Provider,
  { model, table, created }: NamedTable,
  before: readonly string[],
): Promise<void> {
  const file = readFileSync(join(TABLES, provider, `${model}.sql`), 'utf8');
  // Every statement of these files ends with a semicolon at the end of a line, and no line within one does.
  const statements = file.split(/;\s*$/m).filter((sql) => sql.trim() !== '');
  try {
    await runAll(database, provider, [...before, ...statements]);
  } catch (error) {
    if (!isPermissionDenied(error)) throw error;
    throw new Error(
      `There is no table "${table}", and the database user may not create it. Grant CREATE, create the table, or correct CLUSTERER_DB_TABLE.`,
      { cause: error },
    );
  }
  created(table);
}

async function tableExists(database: SqlQueryable, provider: Provider, table: string): Promise<boolean> {
  return (await columnsOf(database, provider, table)).length > 0;
}

/** PostgreSQL's `IF NOT EXISTS` fails when two sessions create the same table at once. Earlier versions of this service lock with this key too. */
const POSTGRESQL_LOCK = ["SET LOCAL lock_timeout = '8s'", 'SELECT pg_advisory_xact_lock(72707369)'];

/**
 * Runs statements that do nothing when their work is already done, so that two services may start at once.
 * On SQLite and PostgreSQL all or none of them take effect. On MySQL each `CREATE TABLE` commits by itself.
 */
async function runAll(database: SqlDriverAdapter, provider: Provider, statements: readonly string[]): Promise<void> {
  switch (provider) {
    case 'sqlite':
      return database.executeScript(['BEGIN IMMEDIATE', ...statements, 'COMMIT;'].join(';\n'));
    case 'postgresql':
      // The driver sends a text without parameters as one message, and the server runs that as one transaction.
      await database.executeRaw(sqlQuery(provider, [...POSTGRESQL_LOCK, ...statements].join(';\n')));
      return;
    case 'mysql':
      for (const sql of statements) await database.executeRaw(sqlQuery(provider, sql));
  }
}
