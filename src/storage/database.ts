import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import { type DatabaseTarget, type Provider, parseDatabaseUrl } from '../database-url.js';
import * as mysql from '../generated/mysql/client.js';
import * as postgresql from '../generated/postgresql/client.js';
import * as sqlite from '../generated/sqlite/client.js';
import type { MachineStore } from '../service/ports.js';
import { adaptTable } from './adapter.js';
import { assertColumns, assertDistinct, columnsOf } from './columns.js';
import { openDriver } from './drivers.js';
import { PrismaMachineStore } from './machine-store.js';
import { migrate } from './migrate.js';
import { type ColumnNames, type Naming, nameTable } from './names.js';
import { reaching, translateError } from './unavailable.js';

const CLIENTS = { sqlite, postgresql, mysql };

// Prisma gives up after 2 s and 5 s by default, sooner than SQLite has waited for another process's lock (sqlite-worker.ts).
const TRANSACTION_LIMITS = { maxWait: 20_000, timeout: 30_000 };

export interface DatabaseOptions {
  /** CLUSTERER_DB_URL as it was given. */
  readonly url: string;
  readonly table: string;
  readonly columns: ColumnNames;
}

/**
 * Opens the database that the URL names, creates the table where it is missing, checks its columns and answers the store.
 * @throws {Error} naming the variable to correct, `DatabaseUnavailable` naming the database; never the password.
 */
export function openMachineStore({ url, table, columns }: DatabaseOptions): Promise<MachineStore> {
  return reaching(async () => {
    const target = parseDatabaseUrl(url);
    assertDistinct(columns);
    const adapter = await openAdapter(target, nameTable(target.provider, table, columns));
    try {
      await migrate(adapter, target.provider, table);
      assertColumns(table, await columnsOf(adapter, target.provider, table), columns);
      const client = clientOf(target.provider, adapter);
      await client.$connect();
      return new PrismaMachineStore(client, target.provider === 'mysql' ? 'CHAR' : 'TEXT');
    } catch (error) {
      await adapter.dispose();
      throw error;
    }
  });
}

async function openAdapter(target: DatabaseTarget, naming: Naming): Promise<SqlDriverAdapter> {
  const translate = (error: unknown) => translateError(error, target.place);
  try {
    return adaptTable(await openDriver(target), naming, translate);
  } catch (error) {
    throw translate(error);
  }
}

/** The three generated clients have the same model and differ only in name: here they become one type. */
function clientOf(provider: Provider, adapter: SqlDriverAdapter): sqlite.PrismaClient {
  const factory = { provider: adapter.provider, adapterName: adapter.adapterName, connect: async () => adapter };
  const Client = CLIENTS[provider].PrismaClient as typeof sqlite.PrismaClient;
  return new Client({ adapter: factory, transactionOptions: TRANSACTION_LIMITS });
}
