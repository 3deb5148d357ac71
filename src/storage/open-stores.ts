import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type { DatabaseTarget, Provider } from '../config/database-url.js';
import type { PrismaClient } from '../generated/sqlite/client.js';
import type { Log } from '../ground/ports.js';
import type { DrainStore } from '../service/ports/drain-store.js';
import { adaptTable } from './adapter.js';
import { nameOwnTables, nameTable } from './names.js';
import type { Database, DatabaseOptions } from './opened.js';
import { assertColumns, columnsOf } from './schema/columns.js';
import { keyFaultOf } from './schema/keys.js';
import { layoutOf } from './schema/layout.js';
import { assertSchema } from './schema/search-path.js';
import { prepareClusterer } from './schema/tables.js';
import { PrismaMachineStore } from './stores/machine-store.js';
import { openOwnStores } from './stores/own-stores.js';
import { TABLE_1 } from './stores/table-1.js';
import { table4 } from './stores/table-4.js';
import { WriteHealth } from './stores/write-health.js';
import { isUnwritable, reaching, translateError } from './unavailable.js';

/** Only the client of the database in use is loaded. */
const CLIENTS = {
  sqlite: () => import('../generated/sqlite/client.js'),
  postgresql: () => import('../generated/postgresql/client.js'),
  mysql: () => import('../generated/mysql/client.js'),
};

// Prisma's defaults are 2 s and 5 s: shorter than SQLite waits for the lock of another process (sqlite/driver.ts).
const TRANSACTION_LIMITS = { maxWait: 20_000, timeout: 30_000 };

/**
 * Prepares the tables through a new driver and returns the stores on them.
 * @throws {Error} that names the variable to correct
 * @throws {DatabaseUnavailable} that names the database, never its password
 */
export function openStores(
  { table, columns: configured, fresh, nodeTimeoutSeconds }: DatabaseOptions,
  target: DatabaseTarget,
  connect: () => Promise<SqlDriverAdapter>,
  log: Pick<Log, 'warn'>,
): Promise<Database> {
  return reaching(async () => {
    const { provider, label } = target;
    const health = new WriteHealth();
    const translate = (error: unknown) => {
      const translated = translateError(error, label);
      if (isUnwritable(translated)) health.failed();
      return translated;
    };
    const driver = await connect().catch((error: unknown) => {
      throw translate(error);
    });
    const created = (name: string) => log.warn({ table: name, database: label }, 'missing table created');
    try {
      const catalog = adaptTable(driver, nameTable(provider, table, {}), translate);
      if (target.provider === 'postgresql') await assertSchema(catalog, target.schema);
      const { version, model, columns, key } = layoutOf(await columnsOf(catalog, provider, table), configured, fresh);
      const adapter = adaptTable(driver, nameTable(provider, table, columns), translate);
      await prepareClusterer(adapter, provider, { model, table, created });
      assertColumns(table, await columnsOf(adapter, provider, table), columns);
      const keyFault = await keyFaultOf(adapter, provider, table, key);
      const clientOf = await loadClient(provider);
      const client = clientOf(adapter);
      await client.$connect();
      const layout = version === 4 ? table4(nodeTimeoutSeconds) : TABLE_1;
      const machines = new PrismaMachineStore(client, provider, layout, health, keyFault?.reason ?? null);
      const ownAdapter = adaptTable(driver, nameOwnTables(provider, table), translate);
      const own = await openOwnStores(ownAdapter, provider, { table, created }, clientOf, machines);
      if ('drains' in own) health.probeWith(() => probeWrites(own.drains));
      return { machines, own, keyFault };
    } catch (error) {
      await driver.dispose();
      throw error;
    }
  });
}

/** Sets and removes the drain of a machine that cannot exist: ids begin at 1. */
async function probeWrites(drains: DrainStore): Promise<void> {
  const noMachine = { clusterId: 0, machineId: 0 };
  await drains.save([{ ...noMachine, drain: { reason: null, until: null, by: null, since: 0 } }]);
  await drains.save([{ ...noMachine, drain: null }]);
}

/** The three generated clients have the same model and differ only in name: here they become one type. */
async function loadClient(provider: Provider): Promise<(adapter: SqlDriverAdapter) => PrismaClient> {
  const Client = (await CLIENTS[provider]()).PrismaClient as new (options: object) => PrismaClient;
  return (adapter) => {
    const factory = { provider: adapter.provider, adapterName: adapter.adapterName, connect: async () => adapter };
    return new Client({ adapter: factory, transactionOptions: TRANSACTION_LIMITS });
  };
}
