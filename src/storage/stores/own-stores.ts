import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type { Provider } from '../../config/database-url.js';
import type { PrismaClient } from '../../generated/sqlite/client.js';
import type { MachineStore } from '../../service/ports/machine-store.js';
import type { OwnStores } from '../../service/ports/own-stores.js';
import { type OwnTable, ownTables } from '../names.js';
import { createIfMissing, type NamedTable } from '../schema/tables.js';
import { sqlQuery } from '../sql-query.js';
import { lastLine, reaching } from '../unavailable.js';
import { PrismaDrainStore } from './drain-store.js';
import { PrismaFleetStore } from './fleet-store.js';
import { PrismaHistoryStore } from './history-store.js';
import { PrismaWebhookStore } from './webhook-store.js';

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
  const prepared = (...models: readonly OwnTable[]) => reaching(() => prepare(adapter, provider, beside, models));
  const fleets = new PrismaFleetStore(client);
  const openFleet = async () => {
    await prepared('clusterer_sequences', 'clusterer_peers', 'clusterer_tags');
    await fleets.load();
    return fleets;
  };
  const webhooks = new PrismaWebhookStore(client);
  const openWebhooks = () =>
    usable(machines, async () => {
      await prepared('clusterer_webhooks');
      // The columns may be those of another program.
      await webhooks.purge(0);
      return webhooks;
    });
  return usable(machines, async () => {
    await prepared('clusterer_drains', 'clusterer_history');
    await drains.load();
    const [newest] = await store.newest({}, 1);
    // A user who may not create tables may have those of an earlier version.
    const fleet = await usable(machines, openFleet);
    return { drains, history: { store, lastId: newest?.id ?? 0 }, fleet, openWebhooks };
  });
}

async function usable<T>(machines: MachineStore, open: () => Promise<T>): Promise<T | { readonly unusable: string }> {
  try {
    // Twice: a connection may be lost meanwhile. A fault of the tables persists.
    return await open().catch(open);
  } catch (error) {
    await machines.ping();
    return { unusable: error instanceof Error ? lastLine(error) : String(error) };
  }
}

/** Creates the tables that are missing, and checks that this user may write them. */
async function prepare(
  adapter: SqlDriverAdapter,
  provider: Provider,
  { table, created }: Omit<NamedTable, 'model'>,
  models: readonly OwnTable[],
): Promise<void> {
  for (const model of models) {
    await createIfMissing(adapter, provider, { model, table: ownTables(table)[model], created });
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
