import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type { ServerTarget } from '../config/database-server.js';
import type { Log } from '../ground/ports.js';
import { sslOf } from './driver-tls.js';
import { sqlQuery } from './sql-query.js';

const CONNECT_TIMEOUT_MS = 5_000;
/** MySQL's adapter connects twice, first to read the version: this is half of the other time-out. */
const MYSQL_CONNECT_TIMEOUT_MS = 2_500;
/** A server that does not respond counts as away after this time. Longer than the wait for a lock (schema/tables.ts). */
const QUERY_TIMEOUT_MS = 10_000;

/**
 * Loads and opens the driver adapter of that server: a pool that connects when it is used, and again after a failure.
 * Time-outs in the operator's URL replace those above.
 */
export function openDriver(target: ServerTarget, log: Pick<Log, 'warn'>): Promise<SqlDriverAdapter> {
  const open = target.provider === 'postgresql' ? openPostgresql : openMysql;
  return target.tls?.mode === 'prefer' ? openPreferringTls(target, open, log) : open(target, target.tls);
}

type Open = (target: ServerTarget, tls: ServerTarget['tls']) => Promise<SqlDriverAdapter>;

/** Neither driver falls back to clear text by itself. */
async function openPreferringTls(target: ServerTarget, open: Open, log: Pick<Log, 'warn'>): Promise<SqlDriverAdapter> {
  const probe = async (mode: 'prefer' | 'disable') => {
    const driver = await open(target, { ...target.tls, mode });
    try {
      await driver.queryRaw(sqlQuery(target.provider, 'SELECT 1'));
      return driver;
    } catch (error) {
      await driver.dispose();
      throw error;
    }
  };
  try {
    return await probe('prefer');
  } catch (error) {
    const driver = await probe('disable').catch(() => {
      throw error;
    });
    log.warn(
      { database: target.label },
      'database connection in clear text: the server does not offer TLS, and sslmode only prefers it',
    );
    return driver;
  }
}

const openPostgresql: Open = async ({ host, port, login, schema, options }, tls) => {
  const { PrismaPg } = await import('@prisma/adapter-pg');
  return new PrismaPg({
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    ...options,
    ...(schema !== undefined && { options: `${options.options ?? ''} ${searchPath(schema)}`.trim() }),
    ...(tls !== null && { ssl: sslOf(tls, host) }),
    host,
    port,
    ...login,
  }).connect();
};

/** PostgreSQL does not know Prisma's `?schema=`: it is set as the search path. */
function searchPath(schema: string): string {
  const path = `"${schema.replaceAll('"', '""')}"`.replace(/[\\\s]/g, '\\$&');
  return `-c search_path=${path}`;
}

const openMysql: Open = async ({ host, isSocket, port, login, options }, tls) => {
  const { PrismaMariaDb } = await import('@prisma/adapter-mariadb');
  return new PrismaMariaDb({
    connectTimeout: MYSQL_CONNECT_TIMEOUT_MS,
    acquireTimeout: MYSQL_CONNECT_TIMEOUT_MS,
    socketTimeout: QUERY_TIMEOUT_MS,
    // The defaults keep ten connections open, and do not check a connection that was used within 500 ms.
    minimumIdle: 1,
    minDelayValidation: 0,
    ...options,
    ...(tls !== null && { ssl: sslOf(tls, host) }),
    ...(isSocket ? { socketPath: host } : { host, port }),
    ...login,
  }).connect();
};
