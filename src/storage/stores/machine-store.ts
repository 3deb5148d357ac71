import type { Provider } from '../../config/database-url.js';
import type { TableVersion } from '../../domain/cluster-dialect.js';
import { Prisma, type PrismaClient } from '../../generated/sqlite/client.js';
import { DatabaseUnavailable } from '../../ground/errors.js';
import type {
  LoadedRows,
  MachineRow,
  MachineRowChange,
  MachineStore,
  NewMachineRow,
  RowProblem,
  StateChange,
} from '../../service/ports/machine-store.js';
import { reaching, reading } from '../unavailable.js';
import type { MachineTable } from './machine-table.js';
import { selectRows, type TextRow } from './text-rows.js';
import type { WriteHealth } from './write-health.js';

/** Rows in one UPDATE: the database scans all its cases for each row, and the event loop waits while the statement is built. */
const ROWS_PER_UPDATE = 200;

/** A sequence lags when rows were inserted with explicit keys. It advances at each try. */
const KEY_TAKEN =
  'The database refuses the row: its key, or another value that must be unique, exists already. ' +
  'Set the sequence of the primary key to the largest key, or try again.';

const NOT_UNIQUE =
  'The table has more than one row with this key. Nothing was written. ' +
  'Set CLUSTERER_CLUSTERER_ID_COL to a column without duplicates, or remove them.';

const NOT_FOUND =
  'The inserted row does not exist under the key that the database returned. Nothing was written. ' +
  'Check for a trigger that removes or changes it.';

/** An `Accept` that may need another thread for its decision. */
type AcceptStored = (stored: MachineRow) => void | Promise<void>;

/**
 * The clusterer table through Prisma. Hand-written statements use the model's names in double quotes on every database:
 * the driver adapter replaces them by the operator's names in the quotes of that database (adapter.ts).
 */
export class PrismaMachineStore implements MachineStore {
  constructor(
    private readonly client: PrismaClient,
    private readonly provider: Provider,
    private readonly table: MachineTable,
    private readonly health: WriteHealth,
    /** Why rows must not be created, changed or removed; null when they may be. */
    private readonly readOnly: string | null,
  ) {}

  get tableVersion(): TableVersion {
    return this.table.version;
  }

  load(): Promise<LoadedRows> {
    return reading(async () => {
      const rows: MachineRow[] = [];
      const skipped: RowProblem[] = [];
      let nullDescriptions = 0;
      for (const text of await this.select(this.client, Prisma.empty)) {
        const row = this.table.read(text);
        if (text.description === null && this.table.refusesNull) nullDescriptions++;
        if ('reason' in row) skipped.push(row);
        else rows.push(row);
      }
      return { rows, skipped, ...(nullDescriptions > 0 && { nullDescriptions }) };
    });
  }

  saveStates(changes: readonly StateChange[]): Promise<void> {
    return reaching(async () => {
      if (changes.length <= ROWS_PER_UPDATE) {
        if (changes.length > 0) await this.client.$executeRaw(this.table.updateStates(changes));
        return;
      }
      // One statement after another: Prisma builds a list of statements at once, which blocks the event loop for too long.
      await this.client.$transaction(async (transaction) => {
        for (let from = 0; from < changes.length; from += ROWS_PER_UPDATE) {
          await transaction.$executeRaw(this.table.updateStates(changes.slice(from, from + ROWS_PER_UPDATE)));
        }
      });
    });
  }

  insert(row: NewMachineRow, accept: AcceptStored = acceptAny): Promise<MachineRow | 'duplicate'> {
    return this.writing(async () => {
      try {
        return await this.client.$transaction(async (transaction) => {
          const created = await this.table.create(transaction, row);
          const stored = created && (await this.read(transaction, created.clustererId));
          if (stored === null) throw new DatabaseUnavailable(NOT_FOUND);
          await accept(stored);
          return stored;
        });
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        if (await this.table.has(this.client, row)) return 'duplicate';
        throw new DatabaseUnavailable(KEY_TAKEN, error);
      }
    });
  }

  update(clustererId: number, change: MachineRowChange, accept: AcceptStored = acceptAny): Promise<MachineRow | null> {
    return this.writing(() =>
      this.client.$transaction(async (transaction) => {
        onlyOne(await this.table.update(transaction, clustererId, change));
        const stored = await this.read(transaction, clustererId);
        if (stored !== null) await accept(stored);
        return stored;
      }),
    );
  }

  remove(clustererId: number): Promise<boolean> {
    return this.writing(() =>
      this.client.$transaction(async (transaction) => onlyOne(await this.table.remove(transaction, clustererId)) > 0),
    );
  }

  async ping(): Promise<void> {
    await reading(() => this.client.$queryRaw`SELECT 1 FROM "clusterer" LIMIT 1`);
    await this.health.check();
  }

  async close(): Promise<void> {
    await this.client.$disconnect();
  }

  /** Runs a change by an operator: all or nothing. */
  private async writing<T>(work: () => Promise<T>): Promise<T> {
    if (this.readOnly !== null) throw new DatabaseUnavailable(this.readOnly);
    const result = await reaching(work);
    this.health.worked();
    return result;
  }

  private select(client: Pick<PrismaClient, '$queryRaw'>, where: Prisma.Sql): Promise<readonly TextRow[]> {
    return client.$queryRaw<readonly TextRow[]>(selectRows(this.provider, this.table.fields, where));
  }

  /** Returns the row as stored, which may differ from what was sent; null when there is none. */
  private async read(client: Pick<PrismaClient, '$queryRaw'>, clustererId: number): Promise<MachineRow | null> {
    const found = await this.select(client, Prisma.sql`WHERE "clusterer"."clusterer_id" = ${clustererId}`);
    onlyOne(found.length);
    const [text] = found;
    if (text === undefined) return null;
    const row = this.table.read(text);
    if ('reason' in row) {
      const detail = `The database stored a value that cannot be read: ${row.reason} in row ${clustererId}. Nothing was written.`;
      throw new DatabaseUnavailable(`${detail} Check for a trigger, or a column that is too narrow.`);
    }
    return row;
  }
}

const acceptAny: AcceptStored = () => undefined;

/** @throws {DatabaseUnavailable} when several rows have the key, which undoes the transaction */
function onlyOne(count: number): number {
  if (count > 1) throw new DatabaseUnavailable(NOT_UNIQUE);
  return count;
}

/** Checks Prisma's code: each of the three clients has its own class, so `instanceof` does not work. */
function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'P2002';
}
