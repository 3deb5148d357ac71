import { createHash, randomUUID } from 'node:crypto';
import type { SqlQueryable } from '@prisma/driver-adapter-utils';
import type { Provider } from '../../config/database-url.js';
import { statement } from '../sql-query.js';
import { columnsOf } from './columns.js';

// Prisma's own table of migrations, written and read as Prisma's engine does it.

/** A folder of prisma/migrations/<provider>/. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/**
 * What is recorded of a migration. Begun: whoever ran it ended before they could say more. Baselined: the table was there
 * before us, so nothing was run.
 */
export type Recorded = 'begun' | 'applied' | 'baselined';

export function isDone(record: Recorded | undefined): boolean {
  return record === 'applied' || record === 'baselined';
}

/** By migration name; none where there is no such table. It may hold those of other applications, too. */
export async function readRecords(database: SqlQueryable, provider: Provider): Promise<Map<string, Recorded>> {
  if ((await columnsOf(database, provider, '_prisma_migrations')).length === 0) return new Map();
  const { rows } = await database.queryRaw(
    statement(
      provider,
      'SELECT migration_name, finished_at IS NOT NULL, applied_steps_count FROM _prisma_migrations WHERE rolled_back_at IS NULL',
    ),
  );
  return new Map(rows.map(([name, finished, steps]) => [String(name), recordedAs(finished, steps)]));
}

/** Only PostgreSQL answers a truth value; the others 0 or 1, in whichever integer type the driver likes. */
function recordedAs(finished: unknown, steps: unknown): Recorded {
  if (finished !== true && Number(finished) !== 1) return 'begun';
  return Number(steps) > 0 ? 'applied' : 'baselined';
}

/** Creates the table as Prisma's engine does, where it is missing. */
export async function createRecordTable(database: SqlQueryable, provider: Provider): Promise<void> {
  const time = { sqlite: 'DATETIME', postgresql: 'TIMESTAMPTZ', mysql: 'DATETIME(3)' }[provider];
  const now = provider === 'mysql' ? 'CURRENT_TIMESTAMP(3)' : 'CURRENT_TIMESTAMP';
  const sql = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at ${time},
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at ${time},
    started_at ${time} NOT NULL DEFAULT ${now},
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;
  await database.executeRaw(statement(provider, sql));
}

/**
 * On MySQL, where CREATE TABLE is permanent at once and this record with it, a table without a finished record would
 * otherwise be taken for somebody else's after a crash between the two.
 */
export async function begin(transaction: SqlQueryable, provider: Provider, { name, sql }: Migration): Promise<void> {
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

export async function finish(
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
