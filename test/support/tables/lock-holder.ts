import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A process that takes the write lock, reports it, and releases it after 3 s. */
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
 * Starts a process that locks a SQLite file. Resolves when the file is locked.
 * @param url a `file:` URL
 * @returns `unlocked` resolves with exit code and signal after the lock is released
 */
export async function holdWriteLock(url: string): Promise<{ readonly unlocked: Promise<unknown[]> }> {
  const holder = spawn(process.execPath, ['-e', LOCKER, url], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const unlocked = once(holder, 'exit');
  await once(holder, 'message');
  return { unlocked };
}
