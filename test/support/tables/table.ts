import { PrismaLibSql } from '@prisma/adapter-libsql';

/** How long a statement waits while the service writes. */
const BUSY_TIMEOUT_MS = 5_000;

/** A row as another program sees it; what is left out has the table's default. */
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

/** A second connection to a service's SQLite file: the operator, or another program, at the table. */
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

  /** Takes the write lock; answers how to give it back. */
  async lock(): Promise<() => Promise<void>> {
    const execute = (sql: string) => this.connection.executeRaw({ sql, args: [], argTypes: [] });
    await execute('BEGIN IMMEDIATE');
    return async () => {
      await execute('COMMIT');
    };
  }

  /** `[machine_id, state, no_tries, last_attempt]` of every row, by machine id. */
  states(): Promise<unknown[][]> {
    return this.query('SELECT machine_id, state, no_tries, last_attempt FROM clusterer ORDER BY machine_id');
  }

  async close(): Promise<void> {
    await this.connection.dispose();
  }
}

/** Works at the table of a service, and leaves it again. */
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
