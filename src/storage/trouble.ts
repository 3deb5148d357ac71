import { types } from 'node:util';
import { type DriverAdapterError, isDriverAdapterError } from '@prisma/driver-adapter-utils';

// Unlike `instanceof`, also true for an error of another realm (node:vm).
const { isNativeError } = types;

type DriverFault = DriverAdapterError['cause'];
type Kind = DriverFault['kind'];

/** A database failure that an operator can act on. `words`: the message of the driver, in one line. */
export interface Trouble {
  /** `away`: unavailable for everyone. `denied`: not allowed for this user. `refused`: these values are not accepted. */
  readonly type: 'away' | 'denied' | 'refused';
  readonly words: string;
  /** What the operator has to end. `unwritable`: the disk is full, or the database is read-only. `blocked`: a lock, or a statement that took too long. */
  readonly obstacle?: Obstacle;
}

export type Obstacle = 'unwritable' | 'blocked';

/**
 * Classifies an error. Every error of a database is trouble; one in none of the classes below is `refused`.
 * @returns null for other errors, for a syntax error (a defect of this service), and for a unique violation (which Prisma handles)
 */
export function troubleOf(error: unknown): Trouble | null {
  if (!isNativeError(error)) return null;
  if (!isDriverAdapterError(error))
    return isSocketTrouble(error) ? { type: 'away', words: lineOf(error.message) } : null;
  const type = typeOf(error.cause);
  if (type === null) return null;
  const obstacle = type === 'away' ? obstacleOf(error.cause) : null;
  return { type, words: wordsOf(error.cause), ...(obstacle !== null && { obstacle }) };
}

/** The kinds of Prisma's adapters. All others are `refused`. */
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

/** Codes of one database, or their prefixes. */
interface Codes {
  readonly away: RegExp;
  readonly denied: RegExp;
  readonly syntax: RegExp;
  readonly unwritable: RegExp;
  /** A lock that another program holds, or a statement that took too long. */
  readonly blocked: RegExp;
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
  blocked: /^(40|55006|55P03|57014)/,
};

/** SQLSTATE of MySQL. Away: connection (as Galera's 1047), rollback by the server, interrupted by a time-out, read-only transaction. */
const MYSQL_AWAY_STATES = /^(08|25006|40|70|HYT)/;

/** Values that a column does not take: these states decide, whatever the number (167, an exhausted key, is a file error by its range). */
const MYSQL_REFUSED_STATES = /^2[23]/;

/**
 * Most of MySQL's errors share one SQLSTATE, HY000, and differ by number (mariadb.com/kb, error codes). Away: file errors of the
 * server (below 1000), disk full, storage engine, shutdown, table full, lost connections, packet errors, lock wait time-out, read-only
 * server, execution time-out, and from 45000 on the client's own codes. Denied: table, column, global right, routine.
 */
const MYSQL: Codes = {
  away: /^(\d{1,3}|1021|1030|1053|1114|1152|1158|1159|1160|1161|1205|1290|1836|1927|3024|45\d{3})$/,
  denied: /^(1142|1143|1227|1370)$/,
  syntax: /^1064$/,
  unwritable: /^(\d{1,3}|1021|1030|1114|1290|1792|1836)$/,
  blocked: /^(1205|1213|1969|3024)$/,
};

/**
 * The low byte of the extended code (sqlite.org/rescode.html): ABORT, BUSY, LOCKED, NOMEM, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN,
 * PROTOCOL, NOTADB; denied: READONLY. A syntax error shares SQLITE_ERROR with other errors.
 */
const SQLITE: Codes = {
  away: /^(4|5|6|7|9|10|11|13|14|15|26)$/,
  denied: /^8$/,
  syntax: /^$/,
  unwritable: /^(10|13)$/,
  blocked: /^(5|6)$/,
};

// These share SQLITE_ERROR with every other error of a statement.
const SQLITE_MISSING = /no such (table|column)/;
const SQLITE_SYNTAX = /syntax error$/;

function typeOf(fault: DriverFault): Trouble['type'] | null {
  switch (fault.kind) {
    case 'postgres':
      return byCode(POSTGRES, fault.code);
    case 'mysql':
      if (MYSQL_REFUSED_STATES.test(fault.state)) return 'refused';
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

function obstacleOf(fault: DriverFault): Obstacle | null {
  switch (fault.kind) {
    case 'postgres':
      return obstacleIn(POSTGRES, fault.code);
    case 'mysql':
      return obstacleIn(MYSQL, String(fault.code));
    case 'sqlite':
      return obstacleIn(SQLITE, primaryCode(fault));
    default:
      return null;
  }
}

function obstacleIn(codes: Codes, code: string): Obstacle | null {
  if (codes.blocked.test(code)) return 'blocked';
  return codes.unwritable.test(code) ? 'unwritable' : null;
}

function primaryCode({ extendedCode }: { readonly extendedCode: number }): string {
  return String(extendedCode & 0xff);
}

/** Words for the kinds that have none. */
const WORDS: Partial<Record<Kind, string>> = {
  ConnectionClosed: 'the connection was lost',
  DatabaseNotReachable: 'no response',
  SocketTimeout: 'no response in time',
};

/** Returns the words without the connection, pool and statement that MySQL's driver adds. */
function wordsOf(fault: DriverFault): string {
  const cause = fault.kind === 'mysql' ? fault.cause : fault.kind === 'TlsConnectionError' ? fault.reason : undefined;
  return lineOf(cause ?? fault.originalMessage ?? WORDS[fault.kind] ?? fault.kind).replace(/^\(conn:[^)]*\) /, '');
}

/** Returns the first line. OpenSSL's messages end with a line break. */
function lineOf(message: string): string {
  return message.split('\n')[0] ?? '';
}

/** Node's socket errors have a code: ECONNREFUSED, ERR_SSL_… The pool of pg throws plain errors that differ only in their text. */
function isSocketTrouble(error: Error & { code?: unknown }): boolean {
  if (typeof error.code === 'string' && /^(E[A-Z]+|ERR_(SSL|TLS)_\w+)$/.test(error.code)) return true;
  return /timeout|terminated|connection/i.test(error.message);
}
