import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DEFAULT_DATABASE, type FileTarget, parseDatabaseUrl } from '../../config/database-url.js';

/**
 * Returns whether the driver will create this file. Only the folder of the default file is created too: any other missing folder
 * is a mistyped path.
 * @throws {Error} when the file does not exist and must not be created
 */
export function willCreate({ label, file, create }: FileTarget): boolean {
  if (existsSync(file)) return false;
  if (!create)
    throw new Error(`CLUSTERER_DB_URL: ${file} does not exist, and mode=rw does not create it. Correct the path.`);
  const folder = dirname(file);
  if (label === parseDatabaseUrl(DEFAULT_DATABASE).label) mkdirSync(folder, { recursive: true });
  else if (!existsSync(folder)) {
    throw new Error(`CLUSTERER_DB_URL: the folder ${folder} does not exist. Correct the path, or create the folder.`);
  }
  return true;
}
