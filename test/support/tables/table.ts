import { PrismaLibSql } from '@prisma/adapter-libsql';
import { isDriverAdapterError } from '@prisma/driver-adapter-utils';
import { nextTurn } from '../../../src/service/turns.js';

/** How long a statement waits in the driver, which stops this process, and a service in it. */
const BUSY_TIMEOUT_MS = 20;

/** How the adapter names the lock of another connection. */
const BUSY = 'SocketTimeout';

/** A row as another program writes it. Missing values get the table's defaults. */
export interface TableRow {
  readonly clusterer_id?: number;
  readonly cluster_id: number;
  readonly machine_id: number;
  readonly url: string;
  readonly state?: number;
  readonly description?: string | null;
  readonly failed_attempts?: number;
  readonly last_attempt?: number | string;
  readonly duration?: number;
  readonly no_tries?: number;
}

type Connection = Awaited<ReturnType<PrismaLibSql['connect']>>;

/** A second connection to a service's SQLite file, as of an operator or another program. It waits for locks of the service. */
export class Table {
  private constructor(
    private readonly file: string,
    private connection: Connection,
  ) {}

  static async open(file: string): Promise<Table> {
    return new Table(file, await connect(file));
  }

  /** All of these statements, or none. */
  async run(sql: string): Promise<void> {
    await this.patiently((connection) => connection.executeScript(`BEGIN IMMEDIATE; ${sql}; COMMIT`));
  }

  async add(...rows: readonly TableRow[]): Promise<void> {
    for (const row of rows) {
      const values = Object.values(row).map((value) => (typeof value === 'string' ? `'${value}'` : String(value)));
      await this.run(`INSERT INTO clusterer (${Object.keys(row).join(', ')}) VALUES (${values.join(', ')})`);
    }
  }

  async query(sql: string): Promise<unknown[][]> {
    return this.patiently(async (connection) => (await connection.queryRaw({ sql, args: [], argTypes: [] })).rows);
  }

  /** Takes the write lock. Returns a function that releases it. */
  async lock(): Promise<() => Promise<void>> {
    const execute = (sql: string) =>
      this.patiently((connection) => connection.executeRaw({ sql, args: [], argTypes: [] }));
    await execute('BEGIN IMMEDIATE');
    return async () => {
      await execute('COMMIT');
    };
  }

  /** Returns `[machine_id, state, no_tries, last_attempt]` of every row, by machine id. */
  states(): Promise<unknown[][]> {
    return this.query('SELECT machine_id, state, no_tries, last_attempt FROM clusterer ORDER BY machine_id');
  }

  async close(): Promise<void> {
    await this.connection.dispose();
  }

  /** A service in this process ends its transaction only in a later turn. The driver cannot use a connection again after a failure. */
  private async patiently<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work(this.connection);
      } catch (error) {
        if (!isDriverAdapterError(error) || error.cause.kind !== BUSY) throw error;
      }
      await this.close();
      await nextTurn();
      this.connection = await connect(this.file);
    }
  }
}

function connect(file: string): Promise<Connection> {
  return new PrismaLibSql({ url: `file:${file}`, timeout: BUSY_TIMEOUT_MS }).connect();
}

/** Opens the table of a service for `work`, and closes it. */
export async function withTable<T>(
  { databaseFile }: { readonly databaseFile: string },
  work: (table: Table) => Promise<T>,
): Promise<T> {
  const table = await Table.open(databaseFile);
  try {
    return await work(table);
  } finally {
    await table.close();
  }
}
