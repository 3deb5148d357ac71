import { parseDatabaseUrl } from '../config/database-url.js';
import type { Log } from '../ground/ports.js';
import type { Database, DatabaseOptions } from './opened.js';

const SILENT: Pick<Log, 'warn'> = { warn: () => undefined };

/**
 * Opens the database that the URL names, creates the tables that are missing and checks the columns.
 * Only the code of that database is loaded. SQLite's runs in a thread.
 * @throws {Error} that names the variable to correct
 * @throws {DatabaseUnavailable} that names the database, never its password
 */
export async function openDatabase(options: DatabaseOptions, log: Pick<Log, 'warn'> = SILENT): Promise<Database> {
  const target = parseDatabaseUrl(options.url);
  if (target.provider === 'sqlite') {
    const { openInThread } = await import('./sqlite/remote-stores.js');
    return openInThread(options, target, log);
  }
  const [{ openStores }, { openDriver }] = await Promise.all([import('./open-stores.js'), import('./drivers.js')]);
  return openStores(options, target, () => openDriver(target, log), log);
}
