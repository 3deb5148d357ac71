import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Another process that takes the write lock, says so, and gives it back after 3 s. */
const LOCKER = `
  const { PrismaLibSql } = require('@prisma/adapter-libsql');
  (async () => {
    const database = await new PrismaLibSql({ url: process.argv[1] }).connect();
    const run = (sql) => database.executeRaw({ sql, args: [], argTypes: [] });
    await run('BEGIN IMMEDIATE');
    process.send('locked');
    setTimeout(() => run('COMMIT').then(() => process.exit(0)), 3000);
  })();`;

/**
 * Has another process lock a SQLite file, and answers when it has.
 * @param url a `file:` URL
 * @returns resolves with exit code and signal when the lock is given back
 */
export async function holdWriteLock(url: string): Promise<{ readonly unlocked: Promise<unknown[]> }> {
  const holder = spawn(process.execPath, ['-e', LOCKER, url], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const unlocked = once(holder, 'exit');
  await once(holder, 'message');
  return { unlocked };
}
