import { join } from 'node:path';

/** The compiled program of the SQLite thread. A thread cannot run TypeScript: the tests, which run `src`, replace this module. */
export const WORKER_FILE = join(__dirname, 'worker.js');
