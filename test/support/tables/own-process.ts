import { parseDatabaseUrl } from '../../../src/config/database-url.js';
import { openDatabase } from '../../../src/storage/database.js';
import type { Database } from '../../../src/storage/opened.js';
import { willCreate } from '../../../src/storage/sqlite/file.js';

const SILENT = { warn: () => undefined };

/**
 * Opens any database without a thread: a thread loads Prisma each time, which takes ten times longer than opening a file.
 * Only for tests without locks: SQLite waits for a lock inside the call.
 */
export async function openInThisProcess(
  ...[options, log = SILENT]: Parameters<typeof openDatabase>
): Promise<Database> {
  const target = parseDatabaseUrl(options.url);
  if (target.provider !== 'sqlite') return openDatabase(options, log);
  // Most test files need no database: they do not load Prisma.
  const { openHere } = await import('../../../src/storage/sqlite/open.js');
  return openHere({ options, target, createsFile: willCreate(target) }, log);
}
