import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SqlDriverAdapter, SqlQueryable } from '@prisma/driver-adapter-utils';
import type { Provider } from '../database-url.js';
import { columnsOf } from './columns.js';
import { exclusively } from './exclusively.js';
import { statement } from './statement.js';
import { isPermissionDenied } from './unavailable.js';

/** The same depth from src/storage and from dist/storage. */
const MIGRATIONS = join(__dirname, '../../prisma/migrations');

interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** What `_prisma_migrations` says of a migration. Begun: the process that ran it ended before it could say more. */
type Recorded = 'begun' | 'applied' | 'baselined';

/** What the database knows about itself; records by migration name. */
interface History {
  readonly tableExists: boolean;
  readonly records: ReadonlyMap<string, Recorded>;
}

/**
 * Brings the table up to date and records it in `_prisma_migrations`, so that `prisma migrate deploy` finds nothing to do.
 * A missing table is created. A table that was there before us is recorded as it is and never altered; that also
 * works for a user who may not create tables, without the record. Two starts at once wait for each other.
 * @throws {Error} when the table is missing and the user may not create it.
 */
export async function migrate(database: SqlDriverAdapter, provider: Provider, table: string): Promise<void> {
  const migrations = readMigrations(provider);
  const before = await readHistory(database, provider, table);
  if (before.tableExists && migrations.every(({ name }) => isDone(before.records.get(name)))) return;

  try {
    await exclusively(database, provider, async (transaction) => {
      const history = await readHistory(transaction, provider, table);
      const ours = migrations.map(({ name }) => history.records.get(name) ?? 'baselined');
      const foreign = history.tableExists && ours.every((record) => record === 'baselined');
      if (history.records.size === 0) await transaction.executeRaw(statement(provider, recordTable(provider)));
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
  } catch (error) {
    if (!isPermissionDenied(error)) throw error;
    if (before.tableExists) return;
    throw new Error(
      `There is no table "${table}", and the database user may not create it. Grant CREATE, create the table, or correct CLUSTERER_DB_TABLE.`,
      { cause: error },
    );
  }
}

function readMigrations(provider: Provider): Migration[] {
  const folder = join(MIGRATIONS, provider);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, sql: readFileSync(join(folder, name, 'migration.sql'), 'utf8') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readHistory(database: SqlQueryable, provider: Provider, table: string): Promise<History> {
  const tableExists = (await columnsOf(database, provider, table)).length > 0;
  if ((await columnsOf(database, provider, '_prisma_migrations')).length === 0) {
    return { tableExists, records: new Map() };
  }
  const { rows } = await database.queryRaw(
    statement(
      provider,
      'SELECT migration_name, finished_at IS NOT NULL, applied_steps_count FROM _prisma_migrations WHERE rolled_back_at IS NULL',
    ),
  );
  const records = rows.map(([name, finished, steps]): [string, Recorded] => {
    if (!isTrue(finished)) return [String(name), 'begun'];
    return [String(name), Number(steps) > 0 ? 'applied' : 'baselined'];
  });
  return { tableExists, records: new Map(records) };
}

/** Only PostgreSQL has truth values; with the others it is 0 or 1, of whichever integer type the driver likes. */
function isTrue(value: unknown): boolean {
  return value === true || Number(value) === 1;
}

function isDone(record: Recorded | undefined): boolean {
  return record === 'applied' || record === 'baselined';
}

/** In our migrations every statement ends with a semicolon at the end of a line, and no line within one does. */
async function apply(transaction: SqlQueryable, provider: Provider, { sql }: Migration): Promise<void> {
  for (const single of sql.split(/;\s*$/m).filter((part) => part.trim() !== '')) {
    await transaction.executeRaw(statement(provider, single));
  }
}

/**
 * On MySQL, where CREATE TABLE is permanent at once and this record with it, a table without a finished record would
 * otherwise be taken for somebody else's after a crash between the two.
 */
async function begin(transaction: SqlQueryable, provider: Provider, { name, sql }: Migration): Promise<void> {
  const checksum = createHash('sha256').update(sql).digest('hex');
  await transaction.executeRaw(
    statement(
      provider,
      'INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) VALUES (?, ?, ?, CURRENT_TIMESTAMP)',
      randomUUID(),
      checksum,
      name,
    ),
  );
}

async function finish(
  transaction: SqlQueryable,
  provider: Provider,
  { name }: Migration,
  steps: '0' | '1',
): Promise<void> {
  await transaction.executeRaw(
    statement(
      provider,
      `UPDATE _prisma_migrations SET finished_at = CURRENT_TIMESTAMP, applied_steps_count = ${steps} ` +
        'WHERE migration_name = ? AND finished_at IS NULL AND rolled_back_at IS NULL',
      name,
    ),
  );
}

/** The table as Prisma's own engine creates it. */
function recordTable(provider: Provider): string {
  const time = { sqlite: 'DATETIME', postgresql: 'TIMESTAMPTZ', mysql: 'DATETIME(3)' }[provider];
  const now = provider === 'mysql' ? 'CURRENT_TIMESTAMP(3)' : 'CURRENT_TIMESTAMP';
  return `CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at ${time},
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at ${time},
    started_at ${time} NOT NULL DEFAULT ${now},
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;
}
