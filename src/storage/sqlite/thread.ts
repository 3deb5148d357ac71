import { Worker } from 'node:worker_threads';
import { DatabaseUnavailable } from '../../ground/errors.js';
import type { Log } from '../../ground/ports.js';
import type { Accept } from '../../service/ports/machine-store.js';
import { errorOf, type FromThread, OPENING, type Opened, type ThreadData, type ToThread } from './messages.js';
import type { Args, Operation, Result } from './operations.js';
import { WORKER_FILE } from './worker-file.js';

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  readonly accept: Accept | undefined;
  /** What `accept` threw: the call is rejected with it when the transaction has been undone. */
  thrown?: unknown;
}

/** The default lets the space for new objects grow to 48 MB, which an idle thread keeps. */
const LIMITS = { maxYoungGenerationSizeMb: 2 };

/** A thread that holds the database open and performs operations on it. */
export class SqliteThread {
  /** Resolves when the database is open. When it cannot be opened, the thread ends. */
  readonly opened: Promise<Opened>;
  private readonly worker: Worker;
  private readonly pending = new Map<number, Pending>();
  private lastId = OPENING;
  private ended: DatabaseUnavailable | null = null;
  private ending = false;

  constructor(
    private readonly data: ThreadData,
    private readonly log: Pick<Log, 'warn'>,
  ) {
    this.worker = new Worker(WORKER_FILE, { workerData: data, resourceLimits: LIMITS });
    this.worker.on('error', (error) => this.fail(error.message));
    this.worker.on('exit', () => this.fail('the SQLite connection is closed'));
    this.opened = new Promise((resolve, reject) => {
      this.pending.set(OPENING, { resolve: (value) => resolve(value as Opened), reject, accept: undefined });
    });
    this.opened.catch(() => this.worker.terminate());
    this.worker.on('message', (message: FromThread) => this.receive(message));
  }

  /** True when the thread has ended without `end`. */
  get died(): boolean {
    return this.ended !== null && !this.ending;
  }

  /** @param accept called before the operation commits, with the row that it stored */
  call<O extends Operation>(name: O, args: Args<O>, accept?: Accept): Promise<Result<O>> {
    const result = new Promise<unknown>((resolve, reject) => {
      if (this.ended !== null) return reject(this.ended);
      this.lastId += 1;
      this.pending.set(this.lastId, { resolve, reject, accept });
      this.send({ id: this.lastId, call: name, args, asks: accept !== undefined });
    });
    // The value is the operation's: worker.ts performs it by this name.
    return result as Promise<Result<O>>;
  }

  async end(): Promise<void> {
    this.ending = true;
    await this.worker.terminate();
  }

  private send(message: ToThread): void {
    this.worker.postMessage(message);
  }

  private receive(message: FromThread): void {
    if ('warning' in message) {
      this.log.warn(message.fields, message.warning);
      return;
    }
    const { id } = message;
    const pending = this.pending.get(id);
    if (pending === undefined) return;
    if ('stored' in message) {
      this.send({ id, accepted: accepts(pending, message.stored) });
      return;
    }
    this.pending.delete(id);
    if ('value' in message) pending.resolve(message.value);
    else pending.reject(pending.thrown ?? errorOf(message.fault));
  }

  private fail(reason: string): void {
    const detail = `The database cannot be used: ${this.data.target.label} (${reason}). Bring it back or correct CLUSTERER_DB_URL.`;
    this.ended ??= new DatabaseUnavailable(detail, undefined, true);
    for (const { reject } of this.pending.values()) reject(this.ended);
    this.pending.clear();
  }
}

function accepts(pending: Pending, stored: Parameters<Accept>[0]): boolean {
  try {
    pending.accept?.(stored);
    return true;
  } catch (error) {
    pending.thrown = error;
    return false;
  }
}
