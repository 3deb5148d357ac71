import type { FileTarget } from '../../config/database-url.js';
import type { TableVersion } from '../../domain/cluster-dialect.js';
import type { Log } from '../../ground/ports.js';
import type { DrainStore } from '../../service/ports/drain-store.js';
import type { FleetStore } from '../../service/ports/fleet-store.js';
import type { HistoryStore } from '../../service/ports/history-store.js';
import type {
  Accept,
  MachineRowChange,
  MachineStore,
  NewMachineRow,
  StateChange,
} from '../../service/ports/machine-store.js';
import type { OwnStores } from '../../service/ports/own-stores.js';
import type { WebhookStore } from '../../service/ports/webhook-store.js';
import type { Database, DatabaseOptions } from '../opened.js';
import { willCreate } from './file.js';
import type { Opened } from './messages.js';
import type { Args, Operation, Result } from './operations.js';
import { unpackRows } from './packed-rows.js';
import { SqliteThread } from './thread.js';

/**
 * Opens a SQLite database in a thread of its own: the driver is synchronous, and would stop the event loop while it waits
 * for the lock of another process. Prisma is loaded in that thread only.
 */
export async function openInThread(
  options: DatabaseOptions,
  target: FileTarget,
  log: Pick<Log, 'warn'>,
): Promise<Database> {
  const start = (createsFile: boolean) => new SqliteThread({ options, target, createsFile }, log);
  const threads = new SqliteThreads(start(willCreate(target)), () => start(false));
  const { tableVersion, keyFault, own } = await threads.current().opened;
  return {
    machines: machineStoreOn(threads, tableVersion),
    keyFault,
    own: 'unusable' in own ? own : ownStoresOn(threads, own),
  };
}

/** The thread in use: a new one after the previous one has died, for example for lack of memory. */
class SqliteThreads {
  constructor(
    private thread: SqliteThread,
    private readonly start: () => SqliteThread,
  ) {}

  current(): SqliteThread {
    if (this.thread.died) this.thread = this.start();
    return this.thread;
  }

  /** Fails when its thread dies; the write may have been committed or not. */
  write<O extends Operation>(name: O, args: Args<O>, accept?: Accept): Promise<Result<O>> {
    return this.current().call(name, args, accept);
  }

  /** Repeated in a new thread when its thread dies. */
  async read<O extends Operation>(name: O, args: Args<O>): Promise<Result<O>> {
    const thread = this.current();
    try {
      return await thread.call(name, args);
    } catch (error) {
      if (!thread.died) throw error;
      return this.current().call(name, args);
    }
  }

  async close(): Promise<void> {
    if (this.thread.died) return;
    await this.thread.call('close', []);
    await this.thread.end();
  }
}

type UsableOwn = Exclude<Opened['own'], { readonly unusable: string }>;

function ownStoresOn(threads: SqliteThreads, { lastId, fleet }: UsableOwn): OwnStores {
  return {
    drains: drainStoreOn(threads),
    history: { store: historyStoreOn(threads), lastId },
    fleet: fleet === 'usable' ? fleetStoreOn(threads) : fleet,
    openWebhooks: async () => {
      const opened = await threads.write('openWebhooks', []);
      return opened === 'usable' ? webhookStoreOn(threads) : opened;
    },
  };
}

function machineStoreOn(threads: SqliteThreads, tableVersion: TableVersion): MachineStore {
  return {
    tableVersion,
    load: async () => unpackRows(await threads.read('load', [])),
    saveStates: (changes: readonly StateChange[]) => threads.write('saveStates', [changes]),
    insert: (row: NewMachineRow, accept?: Accept) => threads.write('insert', [row], accept),
    update: (id: number, change: MachineRowChange, accept?: Accept) => threads.write('update', [id, change], accept),
    remove: (id: number) => threads.write('remove', [id]),
    ping: () => threads.read('ping', []),
    close: () => threads.close(),
  };
}

function drainStoreOn(threads: SqliteThreads): DrainStore {
  return {
    load: () => threads.read('loadDrains', []),
    save: (changes) => threads.write('saveDrains', [changes]),
  };
}

function historyStoreOn(threads: SqliteThreads): HistoryStore {
  return {
    add: (entries) => threads.write('addHistory', [entries]),
    newest: (filter, limit) => threads.read('newestHistory', [filter, limit]),
    lastStates: () => threads.read('lastStates', []),
    purge: (olderThan, keep) => threads.write('purgeHistory', [olderThan, keep]),
  };
}

function fleetStoreOn(threads: SqliteThreads): FleetStore {
  return {
    load: () => threads.read('loadFleet', []),
    saveSequences: (sequences) => threads.write('saveSequences', [sequences]),
    savePeers: (changes) => threads.write('savePeers', [changes]),
    saveTags: (tags) => threads.write('saveTags', [tags]),
  };
}

function webhookStoreOn(threads: SqliteThreads): WebhookStore {
  return {
    load: () => threads.read('loadDeliveries', []),
    save: (changes) => threads.write('saveDeliveries', [changes]),
    purge: (before) => threads.write('purgeDeliveries', [before]),
  };
}
