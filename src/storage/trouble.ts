import { types } from 'node:util';
import { type DriverAdapterError, isDriverAdapterError } from '@prisma/driver-adapter-utils';

// Unlike `instanceof`, it knows an error that was made in another realm, as Jest's sandboxes are.
const { isNativeError } = types;

type DriverFault = DriverAdapterError['cause'];
type Kind = DriverFault['kind'];

/** What hinders the database, as far as the one who runs it can mend it. `words` are the driver's own, in one line. */
export interface Trouble {
  /** `away`: it can do nothing for anyone just now. `denied`: not for this user. `refused`: it does not take these values. */
  readonly type: 'away' | 'denied' | 'refused';
  readonly words: string;
}

/** Null for an error that is none of the database's, or that has a meaning for Prisma. */
export function troubleOf(error: unknown): Trouble | null {
  if (!isNativeError(error)) return null;
  if (!isDriverAdapterError(error))
    return isSocketTrouble(error) ? { type: 'away', words: lineOf(error.message) } : null;
  const type = typeOf(error.cause);
  return type === null ? null : { type, words: wordsOf(error.cause) };
}

const KINDS: Partial<Record<Kind, Trouble['type']>> = {
  AuthenticationFailed: 'away',
  ColumnNotFound: 'away',
  ConnectionClosed: 'away',
  DatabaseAccessDenied: 'away',
  DatabaseDoesNotExist: 'away',
  DatabaseNotReachable: 'away',
  SocketTimeout: 'away',
  TableDoesNotExist: 'away',
  TlsConnectionError: 'away',
  TooManyConnections: 'away',
  TransactionWriteConflict: 'away',
  InvalidInputValue: 'refused',
  LengthMismatch: 'refused',
  NullConstraintViolation: 'refused',
  ValueOutOfRange: 'refused',
};

type Codes = Readonly<Record<Trouble['type'], RegExp>>;

/** SQLSTATE (PostgreSQL, appendix A). Away: connection, resources, operator intervention, lock not available, read-only (a standby). */
const POSTGRES: Codes = {
  away: /^(08|53|57P|55P03|25006)/,
  denied: /^42501/,
  refused: /^(22|23514|P0001)/,
};

/**
 * mariadb.com/kb, error codes. Away: shutdown, lost connections, packet errors, lock wait time-out, read-only server, and from 45000 on
 * the client's own codes. Denied: table, column, global right, routine. Refused: character set, truncation, checks, triggers.
 */
const MYSQL: Codes = {
  away: /^(1053|1152|1158|1159|1160|1161|1205|1290|1836|1927|45\d{3})$/,
  denied: /^(1142|1143|1227|1370)$/,
  refused: /^(1265|1366|1644|3819|4025)$/,
};

/** The low byte of the extended code (sqlite.org/rescode.html): BUSY, LOCKED, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB; READONLY; CONSTRAINT. */
const SQLITE: Codes = {
  away: /^(5|6|10|11|13|14|26)$/,
  denied: /^8$/,
  refused: /^19$/,
};

// Both share SQLITE_ERROR with every fault of a statement.
const SQLITE_MISSING = /no such (table|column)/;

function typeOf(fault: DriverFault): Trouble['type'] | null {
  switch (fault.kind) {
    case 'postgres':
      return byCode(POSTGRES, fault.code);
    case 'mysql':
      return byCode(MYSQL, String(fault.code));
    case 'sqlite':
      return SQLITE_MISSING.test(wordsOf(fault)) ? 'away' : byCode(SQLITE, String(fault.extendedCode & 0xff));
    default:
      return KINDS[fault.kind] ?? null;
  }
}

function byCode(codes: Codes, code: string): Trouble['type'] | null {
  const types = ['away', 'denied', 'refused'] as const;
  return types.find((type) => codes[type].test(code)) ?? null;
}

/** What the kinds that come without words mean. */
const WORDS: Partial<Record<Kind, string>> = {
  ConnectionClosed: 'the connection was lost',
  DatabaseNotReachable: 'nothing answers there',
  SocketTimeout: 'no answer in time',
};

/** Without the connection, the pool and the statement that MySQL's driver adds. */
function wordsOf(fault: DriverFault): string {
  const cause = fault.kind === 'mysql' ? fault.cause : fault.kind === 'TlsConnectionError' ? fault.reason : undefined;
  return lineOf(cause ?? fault.originalMessage ?? WORDS[fault.kind] ?? fault.kind).replace(/^\(conn:[^)]*\) /, '');
}

/** OpenSSL's own messages end with a line's end. */
function lineOf(message: string): string {
  return message.split('\n')[0] ?? '';
}

/** Node's socket errors have a code such as ECONNREFUSED, or ERR_SSL_… where TLS fails; pg's pool throws plain errors that only their text tells apart. */
function isSocketTrouble(error: Error & { code?: unknown }): boolean {
  if (typeof error.code === 'string' && /^(E[A-Z]+|ERR_(SSL|TLS)_\w+)$/.test(error.code)) return true;
  return /timeout|terminated|connection/i.test(error.message);
}
