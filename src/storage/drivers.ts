import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type { DatabaseTarget } from '../database-url.js';
import { openSqlite } from './sqlite-thread.js';

const CONNECT_TIMEOUT_MS = 5_000;
/** MySQL's adapter asks for the version first and waits for that in vain, too: twice this is as long as the others take. */
const MYSQL_CONNECT_TIMEOUT_MS = 2_500;
/** A server that stopped answering counts as away after this; longer than a lock may be waited for (exclusively.ts). */
const QUERY_TIMEOUT_MS = 10_000;

/**
 * The driver adapter for that database, which is loaded here: the other two would cost each process memory and time. PostgreSQL's and MySQL's are pools that connect when they are used, and again after a failure;
 * what the operator's URL says about time-outs wins.
 */
export async function openDriver({ provider, url }: DatabaseTarget): Promise<SqlDriverAdapter> {
  switch (provider) {
    case 'sqlite':
      return openSqlite(url);
    case 'postgresql': {
      const { PrismaPg } = await import('@prisma/adapter-pg');
      return new PrismaPg({
        connectionString: withSearchPath(url),
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        query_timeout: QUERY_TIMEOUT_MS,
        keepAlive: true,
      }).connect();
    }
    case 'mysql': {
      const { PrismaMariaDb } = await import('@prisma/adapter-mariadb');
      return new PrismaMariaDb(mariadbUrl(url)).connect();
    }
  }
}

/** Prisma's `?schema=` is unknown to PostgreSQL; its own word for it is the search path. */
function withSearchPath(text: string): string {
  const url = new URL(text);
  const schema = url.searchParams.get('schema');
  if (schema === null) return text;
  url.searchParams.delete('schema');
  const path = `"${schema.replaceAll('"', '""')}"`.replace(/[\\\s]/g, '\\$&');
  url.searchParams.set('options', `${url.searchParams.get('options') ?? ''} -c search_path=${path}`.trim());
  return url.href;
}

/** The driver knows only its own scheme, and takes its options from the URL. */
function mariadbUrl(text: string): string {
  const url = new URL(text);
  url.protocol = 'mariadb:';
  const defaults = {
    connectTimeout: MYSQL_CONNECT_TIMEOUT_MS,
    acquireTimeout: MYSQL_CONNECT_TIMEOUT_MS,
    socketTimeout: QUERY_TIMEOUT_MS,
    // It would keep ten connections open, and hand out without a look what was alive half a second ago.
    minimumIdle: 1,
    minDelayValidation: 0,
  };
  for (const [option, value] of Object.entries(defaults)) {
    if (!url.searchParams.has(option)) url.searchParams.set(option, String(value));
  }
  return url.href;
}
