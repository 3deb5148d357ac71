import type { SqlDriverAdapter, Transaction } from '@prisma/driver-adapter-utils';
import type { Provider } from '../../config/database-url.js';
import { statement } from '../sql-query.js';

// The keys that Prisma's own migration engine locks with, so that `prisma migrate` and a starting service exclude each other too.
// They wait for at most 8 s. SQLite needs none: its transactions begin with the write lock (sqlite-worker.ts).
const LOCKS: Readonly<Record<Provider, readonly string[]>> = {
  sqlite: [],
  postgresql: ["SET LOCAL lock_timeout = '8s'", 'SELECT pg_advisory_xact_lock(72707369)::text'],
  mysql: ["SELECT GET_LOCK('prisma_migrate', 8)"],
};

/**
 * Runs `work` in a transaction while no other service and no `prisma migrate` changes the schema.
 * On MySQL a statement that changes the schema is permanent at once; elsewhere a failure undoes all of `work`.
 */
export async function exclusively(
  database: SqlDriverAdapter,
  provider: Provider,
  work: (transaction: Transaction) => Promise<void>,
): Promise<void> {
  const transaction = await database.startTransaction();
  const run = (sql: string) => transaction.queryRaw(statement(provider, sql));
  try {
    for (const sql of LOCKS[provider]) {
      const { rows } = await run(sql);
      if (provider === 'mysql' && Number(rows[0]?.[0]) !== 1) {
        throw new Error(
          'Another process has been changing the schema of this database for 8 s. Start again when it is done.',
        );
      }
    }
    await work(transaction);
    // An adapter that asks for no phantom query leaves the statement to us; its `commit` and `rollback` only give the connection back.
    if (!transaction.options.usePhantomQuery) await run('COMMIT');
  } catch (error) {
    if (!transaction.options.usePhantomQuery) await run('ROLLBACK').catch(() => undefined);
    if (provider === 'mysql') await unlock(run);
    await transaction.rollback().catch(() => undefined);
    throw error;
  }
  if (provider === 'mysql') await unlock(run);
  await transaction.commit();
}

/** MySQL's lock belongs to the connection, which goes back to the pool; a lost connection has released it. */
async function unlock(run: (sql: string) => Promise<unknown>): Promise<void> {
  await run("SELECT RELEASE_LOCK('prisma_migrate')").catch(() => undefined);
}
