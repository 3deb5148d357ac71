import { PrismaLibSql } from '@prisma/adapter-libsql';
import {
  DriverAdapterError,
  isDriverAdapterError,
  type SqlDriverAdapter,
  type SqlQuery,
  type Transaction,
} from '@prisma/driver-adapter-utils';
import type { Log } from '../../ground/ports.js';
import { sqlQuery } from '../sql-query.js';

/** How long a statement waits for the lock of another process, unless the URL says otherwise. SQLite waits inside the call, which blocks its thread. */
const BUSY_TIMEOUT_MS = 15_000;

type LibSqlClient = ReturnType<PrismaLibSql['createClient']>;
type LibSqlTransaction = Awaited<ReturnType<LibSqlClient['transaction']>>;

/**
 * The libsql driver opens a new connection for each transaction and leaves the old one to the garbage collector. Here all statements
 * share one connection. IMMEDIATE waits for the write lock; a deferred transaction that writes later fails at once instead.
 */
class OneConnectionLibSql extends PrismaLibSql {
  override createClient(config: Parameters<PrismaLibSql['createClient']>[0]): LibSqlClient {
    const client = super.createClient(config);
    const rollback = async () => {
      await client.execute('ROLLBACK');
    };
    const commit = async () => {
      try {
        await client.execute('COMMIT');
      } catch (error) {
        // A full disk ends the transaction by itself. The reason why the commit failed must not be lost.
        await rollback().catch(() => undefined);
        throw error;
      }
    };
    client.transaction = async () => {
      await client.execute('BEGIN IMMEDIATE');
      const used: Pick<LibSqlTransaction, 'execute' | 'commit' | 'rollback'> = {
        execute: (sql) => client.execute(sql),
        commit,
        rollback,
      };
      // The adapter calls no other of its methods.
      return used as LibSqlTransaction;
    };
    return client;
  }
}

/**
 * Opens one connection to a SQLite file. Statements and transactions run one after another.
 * @param url absolute `file:` URL, with its `busy_timeout` if one was given
 */
export async function openSqlite(url: string, log: Pick<Log, 'warn'>): Promise<SqlDriverAdapter> {
  const connection = new SqliteConnection(url, log);
  await connection.exclusively(async () => undefined);
  return adapterOn(connection);
}

class SqliteConnection {
  private adapter: SqlDriverAdapter | null = null;
  private warned = false;
  private last: Promise<void> = Promise.resolve();
  /**
   * A statement has failed. The driver leaves it unfinished (seen with SQLITE_BUSY). Until it is finished, SQLite silently commits
   * nothing that follows on this connection. So the next statement gets a new connection.
   */
  private failed = false;

  constructor(
    private readonly url: string,
    private readonly log: Pick<Log, 'warn'>,
  ) {}

  async exclusively<T>(work: (adapter: SqlDriverAdapter) => Promise<T>): Promise<T> {
    const release = await this.acquire();
    try {
      return await this.guard(async () => work(await this.current()));
    } finally {
      release();
    }
  }

  /** Waits until nothing else uses the connection. The returned function gives it back. */
  async acquire(): Promise<() => void> {
    const before = this.last;
    let release = () => {};
    this.last = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }

  /** Notes a failure, and converts it to the error of Prisma's adapters: the driver throws errors of a commit unconverted. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.failed = true;
      if (!(error instanceof Error) || isDriverAdapterError(error) || !('rawCode' in error)) throw error;
      const { rawCode, message } = error;
      if (typeof rawCode !== 'number') throw error;
      throw new DriverAdapterError({
        kind: 'sqlite',
        extendedCode: rawCode,
        message,
        originalCode: String(rawCode),
        originalMessage: message,
      });
    }
  }

  /** Only for the caller that has acquired the connection. */
  async current(): Promise<SqlDriverAdapter> {
    if (this.failed) await this.close();
    this.failed = false;
    this.adapter ??= await this.connect();
    return this.adapter;
  }

  async close(): Promise<void> {
    const adapter = this.adapter;
    this.adapter = null;
    await adapter?.dispose();
  }

  private async connect(): Promise<SqlDriverAdapter> {
    const url = new URL(this.url);
    const timeout = Number(url.searchParams.get('busy_timeout') ?? BUSY_TIMEOUT_MS);
    url.search = '';
    // OpenSIPS 2.2 writes times past 2^53, which would throw as numbers.
    const adapter = await new OneConnectionLibSql({ url: url.href, timeout, intMode: 'bigint' }).connect();
    const reason = await switchToWal(adapter);
    if (reason !== null && !this.warned) {
      this.warned = true;
      this.log.warn({ file: url.pathname, reason }, 'SQLite runs without a write-ahead log: writes are slower');
    }
    return adapter;
  }
}

/** @returns why the file keeps another journal: it is read-only, or another process has it open; null when it has a write-ahead log */
async function switchToWal(adapter: SqlDriverAdapter): Promise<string | null> {
  // A script and not a statement: a statement that fails would spoil the connection.
  const failure = await adapter.executeScript('PRAGMA journal_mode = WAL').then(
    () => null,
    (error: unknown) => (isDriverAdapterError(error) ? error.cause.originalMessage : null) ?? String(error),
  );
  const { rows } = await adapter.queryRaw(sqlQuery('sqlite', 'PRAGMA journal_mode'));
  const mode = String(rows[0]?.[0]);
  return mode === 'wal' ? null : (failure ?? `the journal mode is ${mode}`);
}

function adapterOn(connection: SqliteConnection): SqlDriverAdapter {
  const names = { provider: 'sqlite', adapterName: 'clusterer-sqlite' } as const;
  return {
    ...names,
    queryRaw: (query: SqlQuery) => connection.exclusively((adapter) => adapter.queryRaw(query)),
    executeRaw: (query: SqlQuery) => connection.exclusively((adapter) => adapter.executeRaw(query)),
    executeScript: (script) => connection.exclusively((adapter) => adapter.executeScript(script)),
    startTransaction: async (): Promise<Transaction> => {
      const release = await connection.acquire();
      try {
        const transaction = await connection.guard(async () => (await connection.current()).startTransaction());
        let open = true;
        const end = (work: () => Promise<void>) => async () => {
          if (!open) return;
          open = false;
          await connection.guard(work).finally(release);
        };
        return {
          ...names,
          options: transaction.options,
          queryRaw: (query) => connection.guard(() => transaction.queryRaw(query)),
          executeRaw: (query) => connection.guard(() => transaction.executeRaw(query)),
          commit: end(() => transaction.commit()),
          rollback: end(() => transaction.rollback()),
        };
      } catch (error) {
        release();
        throw error;
      }
    },
    dispose: () => connection.close(),
  };
}
