import { PrismaLibSql } from '@prisma/adapter-libsql';

/** How long a statement waits while the service writes. */
const BUSY_TIMEOUT_MS = 5_000;

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

/** A second connection to a service's SQLite file, as of an operator or another program. */
export class Table {
  private constructor(private readonly connection: Awaited<ReturnType<PrismaLibSql['connect']>>) {}

  static async open(file: string): Promise<Table> {
    return new Table(await new PrismaLibSql({ url: `file:${file}`, timeout: BUSY_TIMEOUT_MS }).connect());
  }

  async run(sql: string): Promise<void> {
    await this.connection.executeScript(sql);
  }

  async add(...rows: readonly TableRow[]): Promise<void> {
    for (const row of rows) {
      const values = Object.values(row).map((value) => (typeof value === 'string' ? `'${value}'` : String(value)));
      await this.run(`INSERT INTO clusterer (${Object.keys(row).join(', ')}) VALUES (${values.join(', ')})`);
    }
  }

  async query(sql: string): Promise<unknown[][]> {
    return (await this.connection.queryRaw({ sql, args: [], argTypes: [] })).rows;
  }

  /** Takes the write lock. Returns a function that releases it. */
  async lock(): Promise<() => Promise<void>> {
    const execute = (sql: string) => this.connection.executeRaw({ sql, args: [], argTypes: [] });
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
