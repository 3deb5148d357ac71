import { mkdirSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlQuery,
  type SqlResultSet,
  type Transaction,
} from '@prisma/driver-adapter-utils';
import type { SqliteCall, SqliteReply, SqliteRequest } from './sqlite-worker.js';

// A thread runs JavaScript only: under Jest, which runs src/, it is the compiled one.
const WORKER =
  extname(__filename) === '.ts'
    ? join(__dirname, '../../dist/storage/sqlite-worker.js')
    : join(__dirname, 'sqlite-worker.js');

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * A Prisma driver adapter for SQLite whose synchronous driver works in a thread of its own, so that a lock held by another process
 * never stops the event loop. `url` is an absolute `file:` URL; missing folders are created.
 * `dispose` ends the thread.
 */
export async function openSqlite(url: string): Promise<SqlDriverAdapter> {
  mkdirSync(dirname(fileURLToPath(url)), { recursive: true });
  const thread = new SqliteThread(url);
  try {
    await thread.call({ method: 'connect' });
  } catch (error) {
    await thread.end();
    throw error;
  }
  return adapterOf(thread);
}

class SqliteThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #ended: Error | null = null;

  constructor(url: string) {
    this.#worker = new Worker(WORKER, { workerData: url });
    this.#worker.on('message', (reply: SqliteReply) => this.#settle(reply));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('The SQLite connection is closed.')));
  }

  call(call: SqliteCall): Promise<unknown> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    this.#lastId += 1;
    const request: SqliteRequest = { id: this.#lastId, call };
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(reply: SqliteReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('cause' in reply) waiting?.reject(new DriverAdapterError(reply.cause));
    else if ('message' in reply) waiting?.reject(new Error(reply.message));
    else waiting?.resolve(reply.value);
  }

  #fail(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

// The casts say what sqlite-worker.ts answers to each method.
function queryableOf(thread: SqliteThread, transaction: number | null) {
  return {
    provider: 'sqlite' as const,
    adapterName: 'clusterer-sqlite-thread',
    queryRaw: (query: SqlQuery) => thread.call({ method: 'queryRaw', query, transaction }) as Promise<SqlResultSet>,
    executeRaw: (query: SqlQuery) => thread.call({ method: 'executeRaw', query, transaction }) as Promise<number>,
  };
}

function adapterOf(thread: SqliteThread): SqlDriverAdapter {
  return {
    ...queryableOf(thread, null),
    executeScript: async (script) => {
      await thread.call({ method: 'executeScript', script });
    },
    startTransaction: async () => {
      const started = (await thread.call({ method: 'startTransaction' })) as Pick<Transaction, 'options'> & {
        transaction: number;
      };
      const { transaction, options } = started;
      return {
        ...queryableOf(thread, transaction),
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
      await thread.call({ method: 'dispose' });
      await thread.end();
    },
  };
}
