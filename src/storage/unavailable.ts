import { types } from 'node:util';
import { type DriverAdapterError, isDriverAdapterError } from '@prisma/driver-adapter-utils';
import { DatabaseUnavailable } from '../errors.js';

// Unlike `instanceof`, it knows an error that was made in another realm, as Jest's sandboxes are.
const { isNativeError } = types;

type DriverFault = DriverAdapterError['cause'];

/** What the drivers call the failures of a connection, and of a database or table that can do nothing for anyone just now. */
const UNAVAILABLE_KINDS: ReadonlySet<DriverFault['kind']> = new Set<DriverFault['kind']>([
  'AuthenticationFailed',
  'ColumnNotFound',
  'ConnectionClosed',
  'DatabaseAccessDenied',
  'DatabaseDoesNotExist',
  'DatabaseNotReachable',
  'SocketTimeout',
  'TableDoesNotExist',
  'TlsConnectionError',
  'TooManyConnections',
  'TransactionWriteConflict',
]);

// SQLITE_BUSY, _LOCKED, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _NOTADB (sqlite.org/rescode.html); the low byte of the extended code.
const SQLITE_UNAVAILABLE = new Set([5, 6, 10, 11, 13, 14, 26]);
// Both share SQLITE_ERROR with every fault of a statement.
const SQLITE_MISSING = /no such (table|column)/;
// Connection exception, insufficient resources, operator intervention, lock not available, read-only (a standby).
const POSTGRES_UNAVAILABLE = /^(08|53|57P|55P03|25006)/;
// Shutdown, aborted or killed connection, packet errors, lock wait time-out, read-only server (mariadb.com/kb, error codes).
const MYSQL_UNAVAILABLE = new Set([1053, 1152, 1158, 1159, 1160, 1161, 1205, 1290, 1836, 1927]);
// From here on codes are the client's own: pool and socket time-outs, lost connections.
const MYSQL_FIRST_CLIENT_CODE = 45_000;

/**
 * Carries `DatabaseUnavailable` through Prisma, which replaces errors that have a `code` by its own.
 * `reaching` takes it out again.
 */
class Outage extends Error {
  constructor(readonly unavailable: DatabaseUnavailable) {
    super(unavailable.message);
  }
}

/** For the driver adapter: an `Outage` for connection trouble, every other error as it is. `place` is that of `DatabaseTarget`. */
export function translateError(error: unknown, place: string): unknown {
  if (!isNativeError(error)) return error;
  const reason = isDriverAdapterError(error) ? faultReason(error.cause) : socketReason(error);
  if (reason === null) return error;
  const detail = `The database cannot be used: ${place} (${reason}). Bring it back or correct CLUSTERER_DB_URL.`;
  return new Outage(new DatabaseUnavailable(detail, error));
}

/** Runs what uses the driver adapter; rejects with `DatabaseUnavailable` for connection trouble. */
export async function reaching<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Outage ? error.unavailable : error;
  }
}

/** Whether the database knows what was asked for and this user may not do it. */
export function isPermissionDenied(error: unknown): boolean {
  if (!isNativeError(error) || !isDriverAdapterError(error)) return false;
  const fault = error.cause;
  if (fault.kind === 'postgres') return fault.code === '42501';
  if (fault.kind === 'mysql') return fault.code === 1142;
  return fault.kind === 'sqlite' && (fault.extendedCode & 0xff) === 8;
}

function faultReason(fault: DriverFault): string | null {
  const message = fault.originalMessage ?? fault.kind;
  if (UNAVAILABLE_KINDS.has(fault.kind)) return message;
  if (fault.kind === 'sqlite') {
    const unavailable = SQLITE_UNAVAILABLE.has(fault.extendedCode & 0xff) || SQLITE_MISSING.test(message);
    return unavailable ? message : null;
  }
  if (fault.kind === 'postgres') return POSTGRES_UNAVAILABLE.test(fault.code) ? message : null;
  if (fault.kind !== 'mysql') return null;
  return fault.code >= MYSQL_FIRST_CLIENT_CODE || MYSQL_UNAVAILABLE.has(fault.code) ? (fault.cause ?? message) : null;
}

/** Node's socket errors have a code such as ECONNREFUSED; pg's pool throws plain errors that only their text tells apart. */
function socketReason(error: Error & { code?: unknown }): string | null {
  if (typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) return error.message || error.code;
  return /timeout|terminated|connection/i.test(error.message) ? error.message : null;
}
