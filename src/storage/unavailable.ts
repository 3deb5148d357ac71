import { DatabaseUnavailable } from '../ground/errors.js';
import { type Trouble, troubleOf } from './trouble.js';

/** A connection that is dead says so at once; one that the database does not answer takes its time-out. */
const REFUSED_WITHIN_MS = 1_000;

/**
 * Carries `DatabaseUnavailable` through Prisma, which replaces errors that have a `code` by its own.
 * `reaching` takes it out again.
 */
class Outage extends Error {
  constructor(
    readonly trouble: Trouble,
    readonly unavailable: DatabaseUnavailable,
  ) {
    super(unavailable.message);
  }
}

/** What it means, and what to do about it. */
const DETAILS: Readonly<Record<Trouble['type'], readonly [string, string]>> = {
  away: ['The database cannot be used', 'Bring it back or correct CLUSTERER_DB_URL.'],
  denied: [
    'The database user may not do this',
    'Grant SELECT, INSERT, UPDATE and DELETE on the table (PostgreSQL: USAGE on the sequence of its key too); make a SQLite file and its folder writable.',
  ],
  refused: [
    'The database refuses what was to be written',
    'Write what the columns can hold, or change what refuses it: the table, a view, a key or a trigger. A column that is not ours needs a default.',
  ],
};

const MAKE_WRITABLE = 'Free space on its disk, end its read-only mode, or correct CLUSTERER_DB_URL.';

/** For the driver adapter: an `Outage` for trouble with the database, every other error as it is. `place` is that of `DatabaseTarget`. */
export function translateError(error: unknown, place: string): unknown {
  const trouble = troubleOf(error);
  if (trouble === null) return error;
  const [meaning, help] = DETAILS[trouble.type];
  const remedy = trouble.unwritable && trouble.type === 'away' ? MAKE_WRITABLE : help;
  const detail = `${meaning}: ${place} (${trouble.words}). ${remedy}`;
  return new Outage(trouble, new DatabaseUnavailable(detail, error, trouble.type === 'away'));
}

/** Runs what uses the driver adapter; rejects with `DatabaseUnavailable` for trouble with the database. */
export async function reaching<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Outage ? error.unavailable : (requestFailure(error) ?? error);
  }
}

/** Prisma says that a transaction could not be begun or took too long. */
const TRANSACTION_FAILED = 'P2028';

/**
 * What Prisma itself says of a request that the database took: a value comes twice or cannot be read, or time has run out.
 * Null for everything else. The three clients have a class each, so it cannot be told by `instanceof`.
 */
function requestFailure(error: unknown): DatabaseUnavailable | null {
  if (!(error instanceof Error) || !/^PrismaClient(Known|Unknown)RequestError$/.test(error.name)) return null;
  const away = 'code' in error && error.code === TRANSACTION_FAILED;
  const [meaning, remedy] = DETAILS[away ? 'away' : 'refused'];
  return new DatabaseUnavailable(`${meaning} (${lastLine(error)}). ${remedy}`, error, away);
}

/** Prisma tells the reason last, after where it was called. */
export function lastLine({ message }: Error): string {
  return message.trim().split('\n').at(-1) ?? message;
}

/**
 * `reaching` for what only reads: that a connection of the pool turns out to be dead is no failure yet, for the next one may be alive.
 * What took longer than a dead connection does has waited for the database already.
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

/** Whether the database can be read, and not written. */
export function isUnwritable(error: unknown): boolean {
  return error instanceof Outage && error.trouble.unwritable === true;
}

/** Whether the database knows what was asked for and this user may not do it. */
export function isPermissionDenied(error: unknown): boolean {
  return isOutage(error, 'denied');
}

function isOutage(error: unknown, type: Trouble['type']): boolean {
  return error instanceof Outage && error.trouble.type === type;
}
