import { join } from 'node:path';

/** In place of src/storage/sqlite/worker-file.ts: Jest runs `src`, and the thread needs the compiled program. */
export const WORKER_FILE = join(__dirname, '../../../dist/storage/sqlite/worker.js');
