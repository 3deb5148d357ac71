import type { Log } from '../../ground/ports.js';
import { openStores } from '../open-stores.js';
import type { Database } from '../opened.js';
import { openSqlite } from './driver.js';
import type { ThreadData } from './messages.js';

/** Opens a SQLite database in the thread of the caller. A statement that waits for a lock blocks that thread. */
export function openHere({ options, target, createsFile }: ThreadData, log: Pick<Log, 'warn'>): Promise<Database> {
  const connect = async () => {
    const driver = await openSqlite(target.url, log);
    if (createsFile) log.warn({ file: target.file }, 'new database file created');
    return driver;
  };
  return openStores(options, target, connect, log);
}
