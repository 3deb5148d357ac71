import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import { PrismaPg } from '@prisma/adapter-pg';
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type { MachineStore } from '../../src/service/ports/machine-store.js';
import type { ColumnNames } from '../../src/storage/names.js';
import type { Database, DatabaseOptions } from '../../src/storage/opened.js';
import { MemoryDatabase } from '../support/tables/memory-database.js';
import { openInThisProcess } from '../support/tables/own-process.js';

/** Which clusterer table to open. What is left out has its default. */
export type OpenOptions = Pick<DatabaseOptions, 'table' | 'columns'> & Partial<DatabaseOptions>;

/** The defaults of what a test does not say. */
export const DEFAULTS = { fresh: 1, nodeTimeoutSeconds: 60 } as const;

/** An empty database of its own for one test. */
export interface ScratchDatabase {
  /** As an operator writes CLUSTERER_DB_URL. */
  readonly url: string;
  open(options: OpenOptions): Promise<Database>;
  /** Adds machines 1 to `count` of cluster 7 to the table `clusterer`, bypassing the store. */
  addMachines(count: number): Promise<void>;
  /** Runs a statement as another program does, bypassing the store. */
  run(sql: string): Promise<unknown[][]>;
  drop(): Promise<void>;
}

/** One of the databases a suite runs on. */
export interface DatabaseKind {
  readonly name: 'SQLite' | 'PostgreSQL' | 'MariaDB';
  readonly reachable: boolean;
  /** Quotes an identifier that contains no quotes. */
  readonly quote: (name: string) => string;
  /** The type of a generated primary key. */
  readonly key: string;
  create(): Promise<ScratchDatabase>;
}

const POSTGRESQL = process.env.TEST_POSTGRESQL_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const MARIADB = process.env.TEST_MARIADB_URL ?? 'mariadb://root@127.0.0.1:3306/mysql';

export const DEFAULT_COLUMNS: ColumnNames = {
  clusterer_id: 'clusterer_id',
  cluster_id: 'cluster_id',
  machine_id: 'machine_id',
  url: 'url',
  state: 'state',
  description: 'description',
  failed_attempts: 'failed_attempts',
  last_attempt: 'last_attempt',
  duration: 'duration',
  no_tries: 'no_tries',
};

export const SQLITE: DatabaseKind = {
  name: 'SQLite',
  reachable: true,
  quote: (name) => `"${name}"`,
  key: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  create: createSqlite,
};

export const DATABASES: readonly DatabaseKind[] = [
  SQLITE,
  {
    name: 'PostgreSQL',
    get reachable() {
      return answers(POSTGRESQL);
    },
    quote: (name) => `"${name}"`,
    key: 'SERIAL PRIMARY KEY',
    create: () =>
      createOnServer(POSTGRESQL, (url) => new PrismaPg({ connectionString: url }).connect(), 'WITH (FORCE)'),
  },
  {
    name: 'MariaDB',
    get reachable() {
      return answers(MARIADB);
    },
    quote: (name) => `\`${name}\``,
    key: 'INT AUTO_INCREMENT PRIMARY KEY',
    create: () => createOnServer(MARIADB, (url) => new PrismaMariaDb(url).connect(), ''),
  },
];

export function databaseNamed(name: DatabaseKind['name']): DatabaseKind {
  const found = DATABASES.find((database) => database.name === name);
  if (found === undefined) throw new Error(`${name} is not among the databases`);
  return found;
}

/** The database in memory passes the parts of the suites that need no SQL. Tests that are not about storage use it. */
export const MEMORY: Omit<DatabaseKind, 'name'> & { readonly name: 'memory' } = {
  name: 'memory',
  reachable: true,
  quote: (name) => name,
  key: '',
  create: createInMemory,
};

/** Opens the clusterer table of that database. Its `close` closes the whole database. */
export async function openMachineStore(options: OpenOptions & { readonly url: string }): Promise<MachineStore> {
  return (await openInThisProcess({ ...DEFAULTS, ...options })).machines;
}

/** Jest chooses between describe and describe.skip before anything asynchronous can run. */
function answers(url: string): boolean {
  const { hostname, port } = new URL(url);
  return spawnSync('bash', ['-c', `: </dev/tcp/${hostname}/${Number(port)}`], { timeout: 5_000 }).status === 0;
}

async function execute(adapter: SqlDriverAdapter, sql: string): Promise<unknown[][]> {
  return (await adapter.queryRaw({ sql, args: [], argTypes: [] })).rows;
}

function scratchOf(url: string, adapter: SqlDriverAdapter): Omit<ScratchDatabase, 'drop'> {
  return {
    url,
    open: (options) => openInThisProcess({ url, ...DEFAULTS, ...options }),
    run: (sql) => execute(adapter, sql),
    addMachines: async (count) => {
      const rows = Array.from({ length: count }, (_, i) => `(7, ${i + 1}, 'bin:h${i + 1}:1')`);
      await execute(adapter, `INSERT INTO clusterer (cluster_id, machine_id, url) VALUES ${rows.join(', ')}`);
    },
  };
}

async function createInMemory(): Promise<ScratchDatabase> {
  const databases = { 1: new MemoryDatabase(1), 4: new MemoryDatabase(4) };
  return {
    url: '',
    open: ({ fresh = 1 }) => databases[fresh].open(),
    run: () => Promise.reject(new Error('the database in memory has no SQL')),
    addMachines: async (count) => {
      const { machines } = await databases[1].open();
      const rest = { state: 1, description: null, failedAttempts: 3, lastAttempt: 0, duration: 30, noTries: 0 };
      for (let machineId = 1; machineId <= count; machineId++) {
        await machines.insert({ clusterId: 7, machineId, url: `bin:h${machineId}:1`, ...rest });
      }
    },
    drop: async () => {},
  };
}

async function createSqlite(): Promise<ScratchDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'clusterer-store-'));
  const url = `file:${join(folder, 'scratch.db')}`;
  const adapter = await new PrismaLibSql({ url, timeout: 5_000, intMode: 'bigint' }).connect();
  return {
    ...scratchOf(url, adapter),
    drop: async () => {
      await adapter.dispose();
      rmSync(folder, { recursive: true });
    },
  };
}

async function createOnServer(
  serverUrl: string,
  connect: (url: string) => Promise<SqlDriverAdapter>,
  dropOption: string,
): Promise<ScratchDatabase> {
  const server = await connect(serverUrl);
  const name = `clusterer_test_${randomUUID().replaceAll('-', '')}`;
  await execute(server, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const adapter = await connect(url.href);
  return {
    ...scratchOf(url.href, adapter),
    drop: async () => {
      await adapter.dispose();
      await execute(server, `DROP DATABASE ${name} ${dropOption}`);
      await server.dispose();
    },
  };
}
