import { DatabaseUnavailable } from '../ground/errors.js';
import { type Obstacle, type Trouble, troubleOf } from './trouble.js';

/** A dead connection fails at once. A database that does not respond fails after its time-out. */
const REFUSED_WITHIN_MS = 1_000;

/**
 * Carries `DatabaseUnavailable` through Prisma, which replaces errors that have a `code`.
 * `reaching` unwraps it.
 */
class Outage extends Error {
  constructor(
    readonly trouble: Trouble,
    readonly unavailable: DatabaseUnavailable,
  ) {
    super(unavailable.message);
  }
}

/** Meaning and remedy by type. */
const DETAILS: Readonly<Record<Trouble['type'], readonly [string, string]>> = {
  away: ['The database cannot be used', 'Bring it back or correct CLUSTERER_DB_URL.'],
  denied: [
    'The database user may not do this',
    'Grant SELECT, INSERT, UPDATE and DELETE on the table (PostgreSQL: USAGE on the sequence of its key too); make a SQLite file and its folder writable.',
  ],
  refused: [
    'The database refused the change',
    'Write values that the columns can hold, or change what refuses them: the table, a view, a key or a trigger. An additional column needs a default.',
  ],
};

/** What to do where the database is there and something is in the way. */
const REMEDIES: Readonly<Record<Obstacle, string>> = {
  unwritable: 'Free disk space, end its read-only mode, or correct CLUSTERER_DB_URL.',
  blocked: 'Find the program that holds a lock or loads the database, and try again.',
};

/** Returns an `Outage` for trouble with the database, and any other error unchanged. `label` as in `DatabaseTarget`. */
export function translateError(error: unknown, label: string): unknown {
  const trouble = troubleOf(error);
  if (trouble === null) return error;
  const [meaning, help] = DETAILS[trouble.type];
  const remedy = trouble.obstacle === undefined ? help : REMEDIES[trouble.obstacle];
  const detail = `${meaning}: ${label} (${trouble.words}). ${remedy}`;
  return new Outage(trouble, new DatabaseUnavailable(detail, error, trouble.type === 'away'));
}

/** Runs work on the driver adapter. Rejects with `DatabaseUnavailable` for trouble with the database. */
export async function reaching<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Outage ? error.unavailable : (requestFailure(error) ?? error);
  }
}

/** Prisma's code for a transaction that could not begin or took too long. */
const TRANSACTION_FAILED = 'P2028';

/**
 * Converts Prisma's own errors about a request that reached the database: a duplicate or unreadable value, or a time-out.
 * Returns null for any other error. Each of the three clients has its own class, so `instanceof` does not work.
 */
function requestFailure(error: unknown): DatabaseUnavailable | null {
  if (!(error instanceof Error) || !/^PrismaClient(Known|Unknown)RequestError$/.test(error.name)) return null;
  const away = 'code' in error && error.code === TRANSACTION_FAILED;
  const [meaning, remedy] = DETAILS[away ? 'away' : 'refused'];
  return new DatabaseUnavailable(`${meaning} (${lastLine(error)}). ${remedy}`, error, away);
}

/** Prisma's messages begin with the place of the call and end with the reason. */
export function lastLine({ message }: Error): string {
  return message.trim().split('\n').at(-1) ?? message;
}

/**
 * `reaching` for reads. Tries once more when a connection of the pool was dead, which shows at once.
 * A failure that took longer has already waited for the database.
 */
export function reading<T>(work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  return reaching(async () => {
    try {
      return await work();
    } catch (error) {
      const lost = isOutage(error, 'away') && performance.now() - began < REFUSED_WITHIN_MS;
      if (!lost) throw error;
      return work();
    }
  });
}

/** True when the database can be read and not written. */
export function isUnwritable(error: unknown): boolean {
  return error instanceof Outage && error.trouble.obstacle === 'unwritable';
}

/** True when this user lacks a right. */
export function isPermissionDenied(error: unknown): boolean {
  return isOutage(error, 'denied');
}

function isOutage(error: unknown, type: Trouble['type']): boolean {
  return error instanceof Outage && error.trouble.type === type;
}
