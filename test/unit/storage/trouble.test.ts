import { DriverAdapterError } from '@prisma/driver-adapter-utils';
import { troubleOf } from '../../../src/storage/trouble.js';

type Fault = ConstructorParameters<typeof DriverAdapterError>[0];

const postgres = (code: string): Fault => {
  return {
    kind: 'postgres',
    code,
    severity: 'ERROR',
    message: 'm',
    detail: '',
    column: '',
    hint: '',
    originalMessage: 'o',
  };
};
const mysql = (code: number): Fault => ({ kind: 'mysql', code, message: 'm', state: 'HY000', originalMessage: 'o' });
const sqlite = (extendedCode: number, originalMessage = 'o'): Fault => {
  return { kind: 'sqlite', extendedCode, message: 'm', originalMessage };
};

it.each<[string, Fault, string | null]>([
  ['a PostgreSQL that is shutting down', postgres('57P01'), 'away'],
  ['a PostgreSQL standby', postgres('25006'), 'away'],
  ['a missing right on PostgreSQL', postgres('42501'), 'denied'],
  ['a check constraint of PostgreSQL', postgres('23514'), 'refused'],
  ['a syntax error on PostgreSQL', postgres('42601'), null],
  ['a MySQL that is shutting down', mysql(1053), 'away'],
  ['a lost connection to MySQL', mysql(45009), 'away'],
  ['a missing right on a MySQL table', mysql(1142), 'denied'],
  ['a missing right on a MySQL column', mysql(1143), 'denied'],
  ['a text of another character set on MySQL', mysql(1366), 'refused'],
  ['a syntax error on MySQL', mysql(1064), null],
  ['a locked SQLite file', sqlite(5), 'away'],
  ['an I/O error of SQLite', sqlite(10 | (3 << 8)), 'away'],
  ['a missing SQLite table', sqlite(1, 'no such table: clusterer'), 'away'],
  ['a SQLite file that is read-only', sqlite(8), 'denied'],
  ['a check constraint of SQLite', sqlite(19 | (1 << 8)), 'refused'],
  ['a syntax error on SQLite', sqlite(1, 'near "SELEC": syntax error'), null],
  ['a wrong password', { kind: 'AuthenticationFailed', user: 'me' }, 'away'],
  ['a value that is too long', { kind: 'LengthMismatch', column: 'url' }, 'refused'],
  ['a time-out of PostgreSQL', postgres('57014'), 'away'],
  ['a full disk of PostgreSQL', postgres('53100'), 'away'],
  ['a view of PostgreSQL', postgres('55000'), 'refused'],
  ['an unknown class of PostgreSQL', postgres('Z9999'), 'refused'],
  ['a Galera node that is not ready', { ...mysql(1047), state: '08S01' } as Fault, 'away'],
  ['a time-out of MariaDB', { ...mysql(1969), state: '70100' } as Fault, 'away'],
  ['a full disk of MySQL', mysql(1021), 'away'],
  ['a view of MySQL', mysql(1288), 'refused'],
  ['an exhausted key of MariaDB', { ...mysql(167), state: '22003' } as Fault, 'refused'],
  ['an unknown number of MySQL', mysql(9999), 'refused'],
  ['a full disk of SQLite', sqlite(13), 'away'],
  ['a view of SQLite', sqlite(1, 'cannot modify clusterer because it is a view'), 'refused'],
  ['a foreign key', { kind: 'ForeignKeyConstraintViolation' }, 'refused'],
  ['a unique violation, which Prisma handles', { kind: 'UniqueConstraintViolation' }, null],
])('classifies %s', (_, fault, type) => {
  expect(troubleOf(new DriverAdapterError(fault))?.type ?? null).toBe(type);
});

it.each<[string, Fault]>([
  ['a full disk of PostgreSQL', postgres('53100')],
  ['a PostgreSQL standby', postgres('25006')],
  ['a full disk of MySQL', mysql(1021)],
  ['a read-only MySQL', mysql(1290)],
  ['a full disk of SQLite', sqlite(13)],
])('recognizes a database that can be read and not written: %s', (_, fault) => {
  expect(troubleOf(new DriverAdapterError(fault))?.obstacle).toBe('unwritable');
});

it.each<[string, Fault]>([
  ['a lock time-out of PostgreSQL', postgres('55P03')],
  ['a statement time-out of PostgreSQL', postgres('57014')],
  ['a lock time-out of MySQL', mysql(1205)],
  ['a locked SQLite file', sqlite(5)],
])('recognizes a database that something else blocks: %s', (_, fault) => {
  expect(troubleOf(new DriverAdapterError(fault))?.obstacle).toBe('blocked');
});

it('classifies a socket error and a time-out of a pool as away, and no other error', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
  expect(troubleOf(refused)).toEqual({ type: 'away', words: 'connect ECONNREFUSED 127.0.0.1:1' });
  expect(troubleOf(new Error('timeout exceeded when trying to connect'))?.type).toBe('away');
  expect(troubleOf(new TypeError('x is not a function'))).toBeNull();
  expect(troubleOf('text')).toBeNull();
});

it('keeps the words without connection number, pool and statement', () => {
  const cause =
    "(conn:7, no: 1049, SQLState: 42000) Unknown database 'x'\nsql: SELECT 1\n    (pool connections: active=0 idle=0 limit=10)";
  const fault: Fault = { kind: 'mysql', code: 45028, message: 'pool timeout', state: 'HY000', cause };
  expect(troubleOf(new DriverAdapterError(fault))?.words).toBe("Unknown database 'x'");
  expect(troubleOf(new DriverAdapterError({ kind: 'SocketTimeout' }))?.words).toBe('no response in time');
});
