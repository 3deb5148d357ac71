import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of the package, for `GET /version`, `welcome`, the log, the documents and the command line. */
export const VERSION: string = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')).version;
