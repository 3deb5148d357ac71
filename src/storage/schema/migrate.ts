import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SqlDriverAdapter, SqlQueryable } from '@prisma/driver-adapter-utils';
import type { Provider } from '../../config/database-url.js';
import type { OwnTable } from '../names.js';
import { statement } from '../sql-query.js';
import { isPermissionDenied } from '../unavailable.js';
import { columnsOf } from './columns.js';
import { exclusively } from './exclusively.js';
import {
  begin,
  createRecordTable,
  finish,
  isDone,
  type Migration,
  type Recorded,
  readRecords,
} from './migration-record.js';

/** The same depth from src/storage and from dist/storage. */
const MIGRATIONS = join(__dirname, '../../../prisma/migrations');

/** What the database knows about itself; records by migration name. */
interface History {
  readonly tableExists: boolean;
  readonly records: ReadonlyMap<string, Recorded>;
}

/** What one table needs to know of its names: in the model and in the migrations, and in this database. */
export interface MigratedTable {
  readonly model: 'clusterer' | OwnTable;
  readonly table: string;
  /** Is told the name of a table that was not there. */
  readonly created: (table: string) => void;
}

/**
 * Brings the table up to date and records it in `_prisma_migrations`, so that `prisma migrate deploy` finds nothing to do.
 * A missing table is created. A table that was there before us is recorded as it is and never altered; that also
 * works for a user who may not create tables, without the record. Two starts at once wait for each other.
 * @throws {Error} when the table is missing and the user may not create it.
 */
export async function migrate(database: SqlDriverAdapter, provider: Provider, migrated: MigratedTable): Promise<void> {
  const { table } = migrated;
  const tableExists = (await columnsOf(database, provider, table)).length > 0;
  try {
    await applyMissing(database, provider, migrated);
  } catch (error) {
    if (!isPermissionDenied(error)) throw error;
    // Whoever may use the table need not be one who may create tables, or look at the record of those who did.
    if (tableExists) return;
    throw new Error(
      `There is no table "${table}", and the database user may not create it. Grant CREATE, create the table, or correct CLUSTERER_DB_TABLE.`,
      { cause: error },
    );
  }
}

async function applyMissing(
  database: SqlDriverAdapter,
  provider: Provider,
  { model, table, created }: MigratedTable,
): Promise<void> {
  const migrations = readMigrations(provider).filter(({ name }) => tableOf(name) === model);
  const before = await readHistory(database, provider, table);
  if (before.tableExists && migrations.every(({ name }) => isDone(before.records.get(name)))) return;

  let isNew = false;
  await exclusively(database, provider, async (transaction) => {
    const history = await readHistory(transaction, provider, table);
    isNew = !history.tableExists;
    const ours = migrations.map(({ name }) => history.records.get(name) ?? 'baselined');
    const foreign = history.tableExists && ours.every((record) => record === 'baselined');
    if (history.records.size === 0) await createRecordTable(transaction, provider);
    for (const migration of migrations) {
      const recorded = history.records.get(migration.name);
      // A record without the table is that of another CLUSTERER_DB_TABLE in this database.
      if (isDone(recorded) && history.tableExists) continue;
      if (recorded === undefined) await begin(transaction, provider, migration);
      // On MySQL a crash may leave the table without the end of its record (`begin`).
      const interrupted = recorded === 'begun' && history.tableExists;
      if (!foreign && !interrupted) await apply(transaction, provider, migration);
      if (!isDone(recorded)) await finish(transaction, provider, migration, foreign ? '0' : '1');
    }
  });
  if (isNew) created(table);
}

function readMigrations(provider: Provider): Migration[] {
  const folder = join(MIGRATIONS, provider);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, sql: readFileSync(join(folder, name, 'migration.sql'), 'utf8') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A migration is for one table, whose name in the model is the folder's behind its date. */
function tableOf(migration: string): string {
  return migration.replace(/^\d+_/, '');
}

async function readHistory(database: SqlQueryable, provider: Provider, table: string): Promise<History> {
  const tableExists = (await columnsOf(database, provider, table)).length > 0;
  return { tableExists, records: await readRecords(database, provider) };
}

/** In our migrations every statement ends with a semicolon at the end of a line, and no line within one does. */
async function apply(transaction: SqlQueryable, provider: Provider, { sql }: Migration): Promise<void> {
  for (const single of sql.split(/;\s*$/m).filter((part) => part.trim() !== '')) {
    await transaction.executeRaw(statement(provider, single));
  }
}
