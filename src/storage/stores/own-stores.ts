import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type { Provider } from '../../config/database-url.js';
import type { PrismaClient } from '../../generated/sqlite/client.js';
import type { MachineStore, OwnStores } from '../../service/ports.js';
import { type OwnTable, ownTables } from '../names.js';
import { createIfMissing, type NamedTable } from '../schema/tables.js';
import { sqlQuery } from '../sql-query.js';
import { lastLine, reaching } from '../unavailable.js';
import { PrismaDrainStore } from './drain-store.js';
import { PrismaHistoryStore } from './history-store.js';

/**
 * Opens the service's own tables and creates those that are missing.
 * @returns the reason when they cannot be used: a start needs only the clusterer table
 * @throws {DatabaseUnavailable} when the clusterer table cannot be read either
 */
export async function openOwnStores(
  adapter: SqlDriverAdapter,
  provider: Provider,
  beside: Omit<NamedTable, 'model'>,
  clientOf: (adapter: SqlDriverAdapter) => PrismaClient,
  machines: MachineStore,
): Promise<OwnStores | { readonly unusable: string }> {
  // The client of the clusterer table closes the shared driver.
  const client = clientOf({ ...adapter, dispose: async () => undefined });
  const drains = new PrismaDrainStore(client);
  const store = new PrismaHistoryStore(client);
  const open = async () => {
    await reaching(() => prepare(adapter, provider, beside));
    await drains.load();
    const [newest] = await store.newest({}, 1);
    return { drains, history: { store, lastId: newest?.id ?? 0 } };
  };
  try {
    // Twice: a connection may be lost meanwhile. A fault of the tables persists.
    return await open().catch(open);
  } catch (error) {
    await machines.ping();
    return { unusable: error instanceof Error ? lastLine(error) : String(error) };
  }
}

async function prepare(
  adapter: SqlDriverAdapter,
  provider: Provider,
  { table, created }: Omit<NamedTable, 'model'>,
): Promise<void> {
  for (const [model, own] of Object.entries(ownTables(table)) as [OwnTable, string][]) {
    await createIfMissing(adapter, provider, { model, table: own, created });
    // Checks the rights of this user now. SQLite has no users, and a write would wait for its lock.
    if (provider === 'sqlite') continue;
    for (const sql of [
      `INSERT INTO "${model}" SELECT * FROM "${model}" WHERE 1 = 0`,
      `DELETE FROM "${model}" WHERE 1 = 0`,
    ]) {
      await adapter.executeRaw(sqlQuery(provider, sql));
    }
  }
}
