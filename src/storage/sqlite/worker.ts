import { parentPort, workerData } from 'node:worker_threads';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import {
  type DriverAdapterError,
  isDriverAdapterError,
  type SqlDriverAdapter,
  type SqlQuery,
  type Transaction,
} from '@prisma/driver-adapter-utils';

/** What the main thread asks for; `transaction` is the number that `startTransaction` answered. */
export type SqliteCall =
  | { readonly method: 'connect' | 'startTransaction' | 'dispose' }
  | { readonly method: 'queryRaw' | 'executeRaw'; readonly query: SqlQuery; readonly transaction: number | null }
  | { readonly method: 'executeScript'; readonly script: string }
  | { readonly method: 'commit' | 'rollback'; readonly transaction: number };

export interface SqliteRequest {
  readonly id: number;
  readonly call: SqliteCall;
}

/** `cause` is a DriverAdapterError's: classes do not survive the way between threads. */
export type SqliteReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly cause: DriverAdapterError['cause'] }
  | { readonly id: number; readonly message: string };

/**
 * How long a statement waits for another process's lock, unless the URL says otherwise. SQLite waits inside the call,
 * which blocks only this thread.
 */
const BUSY_TIMEOUT_MS = 15_000;

type LibSqlClient = ReturnType<PrismaLibSql['createClient']>;
type LibSqlTransaction = Awaited<ReturnType<LibSqlClient['transaction']>>;

/**
 * The libsql driver opens a new connection for each transaction and leaves the old one to the garbage collector. All of ours write,
 * and the adapter runs nothing beside an open one, so they share the one connection; IMMEDIATE waits for the lock where
 * a deferred transaction that later writes fails at once.
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
        // A full disk ends the transaction by itself; why the commit failed must still be heard.
        await rollback().catch(() => undefined);
        throw error;
      }
    };
    client.transaction = async () => {
      await client.execute('BEGIN IMMEDIATE');
      const used: Pick<LibSqlTransaction, 'execute' | 'commit' | 'rollback'> = {
        execute: (statement) => client.execute(statement),
        commit,
        rollback,
      };
      // The adapter calls no other of its methods.
      return used as LibSqlTransaction;
    };
    return client;
  }
}

const transactions = new Map<number, Transaction>();
let lastTransaction = 0;
let database: SqlDriverAdapter | undefined;
/**
 * A statement failed. The driver leaves it unfinished (seen with SQLITE_BUSY), and while it is, SQLite commits nothing
 * that follows on this connection, without an error. So the connection is given up before the next statement.
 */
let spoiled = false;

async function connect(): Promise<SqlDriverAdapter> {
  // Integers past 2^53 (2.2 writes such times) would throw as numbers.
  const url = new URL(String(workerData));
  const timeout = Number(url.searchParams.get('busy_timeout') ?? BUSY_TIMEOUT_MS);
  url.search = '';
  const factory = new OneConnectionLibSql({ url: url.href, timeout, intMode: 'bigint' });
  const adapter = await factory.connect();
  try {
    await adapter.executeScript('PRAGMA journal_mode = WAL');
  } catch {
    // Writes are only slower without it: the file is read-only, or another process has it open just now.
  }
  return adapter;
}

function open(transaction: number): Transaction {
  const found = transactions.get(transaction);
  if (found === undefined) throw new Error('The SQLite transaction has already ended.');
  return found;
}

/** The connection, a new one where a statement has failed on the old; an open transaction keeps the one it is in. */
async function connection(): Promise<SqlDriverAdapter> {
  if (spoiled && transactions.size === 0) {
    await database?.dispose();
    database = undefined;
    spoiled = false;
  }
  database ??= await connect();
  return database;
}

async function perform(call: SqliteCall): Promise<unknown> {
  const database = await connection();
  switch (call.method) {
    case 'connect':
      return null;
    case 'queryRaw':
    case 'executeRaw':
      return (call.transaction === null ? database : open(call.transaction))[call.method](call.query);
    case 'executeScript':
      return database.executeScript(call.script);
    case 'startTransaction': {
      const transaction = await database.startTransaction();
      lastTransaction += 1;
      transactions.set(lastTransaction, transaction);
      return { transaction: lastTransaction, options: transaction.options };
    }
    case 'commit':
    case 'rollback': {
      const transaction = open(call.transaction);
      transactions.delete(call.transaction);
      return transaction[call.method]();
    }
    case 'dispose':
      return database.dispose();
  }
}

/** The adapter passes on what the driver says of a commit as it is. */
function causeOf(error: Error): DriverAdapterError['cause'] | null {
  if (!('rawCode' in error) || typeof error.rawCode !== 'number') return null;
  const { rawCode, message } = error;
  return { kind: 'sqlite', extendedCode: rawCode, message, originalCode: String(rawCode), originalMessage: message };
}

async function answer({ id, call }: SqliteRequest): Promise<SqliteReply> {
  try {
    return { id, value: await perform(call) };
  } catch (error) {
    spoiled = true;
    if (!(error instanceof Error)) return { id, message: String(error) };
    const cause = isDriverAdapterError(error) ? error.cause : causeOf(error);
    return cause === null ? { id, message: error.message } : { id, cause };
  }
}

parentPort?.on('message', async (request: SqliteRequest) => {
  parentPort?.postMessage(await answer(request));
});
