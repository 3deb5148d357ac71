import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import { type Provider, parseDatabaseUrl } from '../database-url.js';
import type { PrismaClient } from '../generated/sqlite/client.js';
import type { MachineStore, OwnStores } from '../service/ports.js';
import { adaptTable } from './adapter.js';
import { assertColumns, assertDistinct, columnsOf } from './columns.js';
import { openDriver } from './drivers.js';
import { PrismaMachineStore } from './machine-store.js';
import { migrate } from './migrate.js';
import { type ColumnNames, nameOwnTables, nameTable } from './names.js';
import { openOwnStores } from './own-stores.js';
import { textRowsOf } from './text-rows.js';
import { reaching, translateError } from './unavailable.js';

/** Only that of the database in use is loaded. */
const CLIENTS = {
  sqlite: () => import('../generated/sqlite/client.js'),
  postgresql: () => import('../generated/postgresql/client.js'),
  mysql: () => import('../generated/mysql/client.js'),
};

// Prisma gives up after 2 s and 5 s by default, sooner than SQLite has waited for another process's lock (sqlite-worker.ts).
const TRANSACTION_LIMITS = { maxWait: 20_000, timeout: 30_000 };

export interface DatabaseOptions {
  /** CLUSTERER_DB_URL as it was given. */
  readonly url: string;
  readonly table: string;
  readonly columns: ColumnNames;
}

/** The clusterer table, and the service's own beside it. */
export interface Database {
  /** Its `close` closes the whole database. */
  readonly machines: MachineStore;
  /** Why there are none, in words for the operator, where the database does not let them be. */
  readonly own: OwnStores | { readonly unusable: string };
}

/**
 * Opens the database that the URL names, creates the tables that are missing, checks the columns and answers the stores.
 * @throws {Error} naming the variable to correct, `DatabaseUnavailable` naming the database; never the password.
 */
export function openDatabase({ url, table, columns }: DatabaseOptions): Promise<Database> {
  return reaching(async () => {
    const target = parseDatabaseUrl(url);
    const { provider } = target;
    assertDistinct(columns);
    const translate = (error: unknown) => translateError(error, target.place);
    const driver = await translated(() => openDriver(target), translate);
    try {
      const adapter = adaptTable(driver, nameTable(provider, table, columns), translate);
      await migrate(adapter, provider, { model: 'clusterer', table });
      assertColumns(table, await columnsOf(adapter, provider, table), columns);
      const clientOf = await loadClient(provider);
      const client = clientOf(adapter);
      await client.$connect();
      const machines = new PrismaMachineStore(client, textRowsOf(provider));
      const ownAdapter = adaptTable(driver, nameOwnTables(provider, table), translate);
      const own = await openOwnStores(ownAdapter, provider, table, clientOf, machines);
      return { machines, own };
    } catch (error) {
      await driver.dispose();
      throw error;
    }
  });
}

async function translated<T>(work: () => Promise<T>, translate: (error: unknown) => unknown): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(error);
  }
}

/** The three generated clients have the same model and differ only in name: here they become one type. */
async function loadClient(provider: Provider): Promise<(adapter: SqlDriverAdapter) => PrismaClient> {
  const Client = (await CLIENTS[provider]()).PrismaClient as new (options: object) => PrismaClient;
  return (adapter) => {
    const factory = { provider: adapter.provider, adapterName: adapter.adapterName, connect: async () => adapter };
    return new Client({ adapter: factory, transactionOptions: TRANSACTION_LIMITS });
  };
}
