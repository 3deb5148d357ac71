import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlQuery,
  type SqlResultSet,
  type Transaction,
} from '@prisma/driver-adapter-utils';
import type { SqliteCall, SqliteReply, SqliteRequest } from './worker.js';

// A thread runs JavaScript only: under Jest, which runs src/, it is the compiled one.
const WORKER =
  extname(__filename) === '.ts'
    ? join(__dirname, '../../../dist/storage/sqlite/worker.js')
    : join(__dirname, 'worker.js');

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * A Prisma driver adapter for SQLite whose synchronous driver works in a thread of its own, so that a lock held by another process
 * never stops the event loop. `url` is an absolute `file:` URL.
 * `dispose` ends the thread.
 */
export async function openSqlite(url: string): Promise<SqlDriverAdapter> {
  const first = new SqliteThread(url);
  try {
    await first.call({ method: 'connect' });
  } catch (error) {
    await first.end();
    throw error;
  }
  return adapterOf(restarting(first, () => new SqliteThread(url)));
}

/** The thread to use now: a new one when the last has died, as from want of memory. What it was doing has failed with it. */
function restarting(first: SqliteThread, start: () => SqliteThread): () => SqliteThread {
  let thread = first;
  return () => {
    if (thread.died) thread = start();
    return thread;
  };
}

class SqliteThread {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private ended: Error | null = null;
  private ending = false;

  constructor(url: string) {
    this.worker = new Worker(WORKER, { workerData: url });
    this.worker.on('message', (reply: SqliteReply) => this.settle(reply));
    this.worker.on('error', (error) => this.fail(error));
    this.worker.on('exit', () => this.fail(new Error('The SQLite connection is closed.')));
  }

  /** It has ended, and nobody wanted it to. */
  get died(): boolean {
    return this.ended !== null && !this.ending;
  }

  call(call: SqliteCall): Promise<unknown> {
    if (this.ended !== null) return Promise.reject(this.ended);
    this.lastId += 1;
    const request: SqliteRequest = { id: this.lastId, call };
    return new Promise((resolve, reject) => {
      this.waiting.set(request.id, { resolve, reject });
      this.worker.postMessage(request);
    });
  }

  async end(): Promise<void> {
    this.ending = true;
    await this.worker.terminate();
  }

  private settle(reply: SqliteReply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if ('cause' in reply) waiting?.reject(new DriverAdapterError(reply.cause));
    else if ('message' in reply) waiting?.reject(new Error(reply.message));
    else waiting?.resolve(reply.value);
  }

  private fail(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.values()) reject(this.ended);
    this.waiting.clear();
  }
}

// The casts say what sqlite-worker.ts answers to each method.
function queryableOf(current: () => SqliteThread, transaction: number | null) {
  return {
    provider: 'sqlite' as const,
    adapterName: 'clusterer-sqlite-thread',
    queryRaw: (query: SqlQuery) => current().call({ method: 'queryRaw', query, transaction }) as Promise<SqlResultSet>,
    executeRaw: (query: SqlQuery) => current().call({ method: 'executeRaw', query, transaction }) as Promise<number>,
  };
}

function adapterOf(current: () => SqliteThread): SqlDriverAdapter {
  return {
    ...queryableOf(current, null),
    executeScript: async (script) => {
      await current().call({ method: 'executeScript', script });
    },
    startTransaction: async () => {
      // A transaction ends with the thread it began in.
      const thread = current();
      const started = (await thread.call({ method: 'startTransaction' })) as Pick<Transaction, 'options'> & {
        transaction: number;
      };
      const { transaction, options } = started;
      return {
        ...queryableOf(() => thread, transaction),
        options,
        commit: async () => {
          await thread.call({ method: 'commit', transaction });
        },
        rollback: async () => {
          await thread.call({ method: 'rollback', transaction });
        },
      };
    },
    dispose: async () => {
      const thread = current();
      await thread.call({ method: 'dispose' });
      await thread.end();
    },
  };
}
