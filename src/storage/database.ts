import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import { type Provider, parseDatabaseUrl } from '../config/database-url.js';
import type { PrismaClient } from '../generated/sqlite/client.js';
import type { Log } from '../ground/ports.js';
import type { DrainStore, MachineStore, OwnStores } from '../service/ports.js';
import { adaptTable } from './adapter.js';
import { openDriver } from './drivers.js';
import { type ColumnNames, nameOwnTables, nameTable } from './names.js';
import { assertColumns, assertDistinct, columnsOf } from './schema/columns.js';
import { type KeyFault, keyFaultOf } from './schema/keys.js';
import { assertSchema } from './schema/search-path.js';
import { prepareClusterer } from './schema/tables.js';
import { willCreate } from './sqlite/file.js';
import { PrismaMachineStore } from './stores/machine-store.js';
import { openOwnStores } from './stores/own-stores.js';
import { textRowsOf } from './stores/text-rows.js';
import { WriteHealth } from './stores/write-health.js';
import { isUnwritable, reaching, translateError } from './unavailable.js';

/** Only that of the database in use is loaded. */
const CLIENTS = {
  sqlite: () => import('../generated/sqlite/client.js'),
  postgresql: () => import('../generated/postgresql/client.js'),
  mysql: () => import('../generated/mysql/client.js'),
};

// Prisma gives up after 2 s and 5 s by default, sooner than SQLite has waited for another process's lock (sqlite-worker.ts).
const TRANSACTION_LIMITS = { maxWait: 20_000, timeout: 30_000 };

const SILENT: Pick<Log, 'warn'> = { warn: () => undefined };

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
  /** What the database does not promise of the key column; null where it is a key. */
  readonly keyFault: KeyFault | null;
  /** Why there are none, in words for the operator, where the database does not let them be. */
  readonly own: OwnStores | { readonly unusable: string };
}

/**
 * Opens the database that the URL names, creates the tables that are missing, checks the columns and answers the stores.
 * @throws {Error} naming the variable to correct, `DatabaseUnavailable` naming the database; never the password.
 */
export function openDatabase(
  { url, table, columns }: DatabaseOptions,
  log: Pick<Log, 'warn'> = SILENT,
): Promise<Database> {
  return reaching(async () => {
    const target = parseDatabaseUrl(url);
    const { provider } = target;
    assertDistinct(columns);
    const health = new WriteHealth();
    const translate = (error: unknown) => {
      const translated = translateError(error, target.place);
      if (isUnwritable(translated)) health.failed();
      return translated;
    };
    const createdFile = target.provider === 'sqlite' && willCreate(target) ? target.file : null;
    const driver = await translated(() => openDriver(target, log), translate);
    if (createdFile !== null) log.warn({ file: createdFile }, 'a new database file was created');
    const created = (name: string) => log.warn({ table: name, database: target.place }, 'a missing table was created');
    try {
      const adapter = adaptTable(driver, nameTable(provider, table, columns), translate);
      if (target.provider === 'postgresql') await assertSchema(adapter, target.schema);
      await prepareClusterer(adapter, provider, { model: 'clusterer', table, created });
      assertColumns(table, await columnsOf(adapter, provider, table), columns);
      const keyFault = await keyFaultOf(adapter, provider, table, columns.clusterer_id);
      const clientOf = await loadClient(provider);
      const client = clientOf(adapter);
      await client.$connect();
      const machines = new PrismaMachineStore(client, textRowsOf(provider), health, keyFault?.reason ?? null);
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

/** A drain of a machine that cannot be, since ids begin at 1: set, and gone again. */
async function probeWrites(drains: DrainStore): Promise<void> {
  const nobody = { clusterId: 0, machineId: 0 };
  await drains.save([{ ...nobody, drain: { reason: null, until: null, by: null, since: 0 } }]);
  await drains.save([{ ...nobody, drain: null }]);
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
