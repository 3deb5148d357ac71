import { types } from 'node:util';
import { type DriverAdapterError, isDriverAdapterError } from '@prisma/driver-adapter-utils';

// Unlike `instanceof`, it knows an error that was made in another realm, as Jest's sandboxes are.
const { isNativeError } = types;

type DriverFault = DriverAdapterError['cause'];
type Kind = DriverFault['kind'];

/** What hinders the database, as far as the one who runs it can do something about it. `words` are the driver's own, in one line. */
export interface Trouble {
  /** `away`: it can do nothing for anyone just now. `denied`: not for this user. `refused`: it does not take these values. */
  readonly type: 'away' | 'denied' | 'refused';
  readonly words: string;
  /** It can be read, and not written: its disk is full, or it is read-only. */
  readonly unwritable?: true;
}

/**
 * Null for an error that is not the database's, for a fault of syntax, which is ours, and for a unique violation, which has a
 * meaning for Prisma. Everything else that a database says is trouble: whatever is in none of the classes below is `refused`.
 */
export function troubleOf(error: unknown): Trouble | null {
  if (!isNativeError(error)) return null;
  if (!isDriverAdapterError(error))
    return isSocketTrouble(error) ? { type: 'away', words: lineOf(error.message) } : null;
  const type = typeOf(error.cause);
  if (type === null) return null;
  return { type, words: wordsOf(error.cause), ...(isUnwritable(error.cause) && { unwritable: true }) };
}

/** Kinds that Prisma's adapters make of codes; all others are `refused`. */
const KINDS: Partial<Record<Kind, Trouble['type'] | null>> = {
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
  UniqueConstraintViolation: null,
};

/** Codes of one database, or the beginnings of them. */
interface Codes {
  readonly away: RegExp;
  readonly denied: RegExp;
  readonly syntax: RegExp;
  readonly unwritable: RegExp;
}

/**
 * SQLSTATE (PostgreSQL, appendix A). Away: connection, rollback by the server, resources, lock not available, in use, operator
 * intervention with its time-outs, system error, internal error, read-only (a standby). Unwritable: read-only, disk full, I/O error.
 */
const POSTGRES: Codes = {
  away: /^(08|25006|40|53|55006|55P03|57|58|F0|XX)/,
  denied: /^42501/,
  syntax: /^42601/,
  unwritable: /^(25006|53100|58030)/,
};

/** SQLSTATE of MySQL. Away: connection (Galera's 1047 is one), rollback by the server, interrupted by a time-out, read-only transaction. */
const MYSQL_AWAY_STATES = /^(08|25006|40|70|HYT)/;

/**
 * Most of MySQL's errors have one SQLSTATE, HY000, and only a number (mariadb.com/kb, error codes). Away: what the server's files
 * give (below 1000), disk full, storage engine, shutdown, table full, lost connections, packet errors, lock wait time-out, read-only
 * server, execution time-out, and from 45000 on the client's own codes. Denied: table, column, global right, routine.
 */
const MYSQL: Codes = {
  away: /^(\d{1,3}|1021|1030|1053|1114|1152|1158|1159|1160|1161|1205|1290|1836|1927|3024|45\d{3})$/,
  denied: /^(1142|1143|1227|1370)$/,
  syntax: /^1064$/,
  unwritable: /^(\d{1,3}|1021|1030|1114|1290|1792|1836)$/,
};

/**
 * The low byte of the extended code (sqlite.org/rescode.html): ABORT, BUSY, LOCKED, NOMEM, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN,
 * PROTOCOL, NOTADB; READONLY. A fault of syntax shares SQLITE_ERROR with others.
 */
const SQLITE: Codes = {
  away: /^(4|5|6|7|9|10|11|13|14|15|26)$/,
  denied: /^8$/,
  syntax: /^$/,
  unwritable: /^(10|13)$/,
};

// All three share SQLITE_ERROR with every fault of a statement.
const SQLITE_MISSING = /no such (table|column)/;
const SQLITE_SYNTAX = /syntax error$/;

function typeOf(fault: DriverFault): Trouble['type'] | null {
  switch (fault.kind) {
    case 'postgres':
      return byCode(POSTGRES, fault.code);
    case 'mysql':
      return MYSQL_AWAY_STATES.test(fault.state) ? 'away' : byCode(MYSQL, String(fault.code));
    case 'sqlite':
      if (SQLITE_MISSING.test(wordsOf(fault))) return 'away';
      return SQLITE_SYNTAX.test(wordsOf(fault)) ? null : byCode(SQLITE, primaryCode(fault));
    default: {
      const type = KINDS[fault.kind];
      return type === undefined ? 'refused' : type;
    }
  }
}

function byCode(codes: Codes, code: string): Trouble['type'] | null {
  if (codes.syntax.test(code)) return null;
  if (codes.away.test(code)) return 'away';
  return codes.denied.test(code) ? 'denied' : 'refused';
}

function isUnwritable(fault: DriverFault): boolean {
  switch (fault.kind) {
    case 'postgres':
      return POSTGRES.unwritable.test(fault.code);
    case 'mysql':
      return MYSQL.unwritable.test(String(fault.code));
    case 'sqlite':
      return SQLITE.unwritable.test(primaryCode(fault));
    default:
      return false;
  }
}

function primaryCode({ extendedCode }: { readonly extendedCode: number }): string {
  return String(extendedCode & 0xff);
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
