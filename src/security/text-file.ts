import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

/** No list of tokens or secrets is larger: the path names something else. */
const MAX_FILE_BYTES = 2 ** 20;

/** @throws Error that says what is wrong with the file */
export function readTextSync(file: string): string {
  checkFile(statSync(file));
  return readFileSync(file, 'utf8');
}

/** @throws Error that says what is wrong with the file */
export async function readText(file: string): Promise<string> {
  checkFile(await stat(file));
  return readFile(file, 'utf8');
}

function checkFile(found: { isFile(): boolean; readonly size: number }): void {
  if (!found.isFile()) throw new Error('it is not a file');
  if (found.size > MAX_FILE_BYTES) throw new Error(`it has more than ${MAX_FILE_BYTES} bytes`);
}
