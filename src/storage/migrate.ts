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

/** What the database knows about itself. `steps` by migration name; 0 steps: recorded, but not run by us. */
interface History {
  readonly tableExists: boolean;
  readonly steps: ReadonlyMap<string, number>;
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
  if (before.tableExists && migrations.every(({ name }) => before.steps.has(name))) return;

  try {
    await exclusively(database, provider, async (transaction) => {
      const history = await readHistory(transaction, provider, table);
      const foreign = history.tableExists && ![...history.steps.values()].some((steps) => steps > 0);
      if (history.steps.size === 0) await transaction.executeRaw(statement(provider, recordTable(provider)));
      for (const migration of migrations) {
        const recorded = history.steps.has(migration.name);
        // A record without the table is that of another CLUSTERER_DB_TABLE in this database.
        if (recorded && history.tableExists) continue;
        if (!foreign) await apply(transaction, provider, migration);
        if (!recorded) await record(transaction, provider, migration, foreign ? '0' : '1');
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
    return { tableExists, steps: new Map() };
  }
  const { rows } = await database.queryRaw(
    statement(
      provider,
      'SELECT migration_name, applied_steps_count FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    ),
  );
  return { tableExists, steps: new Map(rows.map(([name, steps]) => [String(name), Number(steps)])) };
}

/** In our migrations every statement ends with a semicolon at the end of a line, and no line within one does. */
async function apply(transaction: SqlQueryable, provider: Provider, { sql }: Migration): Promise<void> {
  for (const single of sql.split(/;\s*$/m).filter((part) => part.trim() !== '')) {
    await transaction.executeRaw(statement(provider, single));
  }
}

async function record(
  transaction: SqlQueryable,
  provider: Provider,
  { name, sql }: Migration,
  steps: '0' | '1',
): Promise<void> {
  const checksum = createHash('sha256').update(sql).digest('hex');
  await transaction.executeRaw(
    statement(
      provider,
      'INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, started_at, applied_steps_count) ' +
        `VALUES (?, ?, ?, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, ${steps})`,
      randomUUID(),
      checksum,
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
