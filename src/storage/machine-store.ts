import { DatabaseUnavailable } from '../errors.js';
import { Prisma, type PrismaClient } from '../generated/sqlite/client.js';
import type {
  MachineRow,
  MachineRowChange,
  MachineStore,
  NewMachineRow,
  RowProblem,
  StateChange,
} from '../service/ports.js';
import type { Field } from './names.js';
import { readRow } from './rows.js';
import type { TextRows } from './text-rows.js';
import { reaching, reading } from './unavailable.js';

/** Rows in one UPDATE: the database looks through all its cases for each row, and the event loop waits while it is put together. */
const ROWS_PER_UPDATE = 200;

/** A sequence lags behind when rows were inserted with keys of their own; the database moves it on at each try. */
const KEY_TAKEN =
  'The database refuses the row: another machine has its key, or a value that may occur only once. ' +
  'Set the sequence of the primary key to the largest one, or try again.';

/**
 * The clusterer table through Prisma. Hand-written statements use the model's names in double quotes on every database:
 * the driver adapter below puts in the operator's names and that database's quotes, and answers connection trouble as `DatabaseUnavailable`.
 */
export class PrismaMachineStore implements MachineStore {
  constructor(
    private readonly client: PrismaClient,
    private readonly textRows: TextRows,
  ) {}

  load(): Promise<{ rows: MachineRow[]; skipped: RowProblem[] }> {
    return reading(async () => {
      const rows: MachineRow[] = [];
      const skipped: RowProblem[] = [];
      for (const row of await this.select(Prisma.empty)) {
        if ('reason' in row) skipped.push(row);
        else rows.push(row);
      }
      return { rows, skipped };
    });
  }

  saveStates(changes: readonly StateChange[]): Promise<void> {
    return reaching(async () => {
      if (changes.length <= ROWS_PER_UPDATE) {
        if (changes.length > 0) await this.client.$executeRaw(updateStates(changes));
        return;
      }
      // One statement after the other: Prisma prepares those of a list all at once, which stops the event loop for too long.
      await this.client.$transaction(async (transaction) => {
        for (let from = 0; from < changes.length; from += ROWS_PER_UPDATE) {
          await transaction.$executeRaw(updateStates(changes.slice(from, from + ROWS_PER_UPDATE)));
        }
      });
    });
  }

  insert(row: NewMachineRow): Promise<MachineRow | 'duplicate'> {
    return reaching(async () => {
      try {
        const { clustererId } = await this.client.machine.create({ data: row, select: { clustererId: true } });
        const stored = await this.read(clustererId);
        if (stored === null)
          throw new Error(`Row ${clustererId} was deleted by someone else as soon as it was written.`);
        return stored;
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        if (await this.has(row)) return 'duplicate';
        throw new DatabaseUnavailable(KEY_TAKEN, error);
      }
    });
  }

  update(clustererId: number, change: MachineRowChange): Promise<MachineRow | null> {
    return reaching(async () => {
      await this.client.machine.updateMany({ where: { clustererId }, data: change });
      return this.read(clustererId);
    });
  }

  async remove(clustererId: number): Promise<boolean> {
    const { count } = await reaching(() => this.client.machine.deleteMany({ where: { clustererId } }));
    return count > 0;
  }

  async ping(): Promise<void> {
    await reading(() => this.client.$queryRaw`SELECT 1 FROM "clusterer" LIMIT 1`);
  }

  async close(): Promise<void> {
    await this.client.$disconnect();
  }

  private async select(where: Prisma.Sql): Promise<(MachineRow | RowProblem)[]> {
    const answer = await this.client.$queryRaw<Record<string, string | null>[]>(this.textRows.select(where));
    return this.textRows.read(answer).map(readRow);
  }

  /** The row as the database stored it, which may differ from what was sent; null when there is none. */
  private async read(clustererId: number): Promise<MachineRow | null> {
    const [row = null] = await this.select(Prisma.sql`WHERE "clusterer"."clusterer_id" = ${clustererId}`);
    if (row !== null && 'reason' in row) throw new Error(`Row ${clustererId} cannot be used: ${row.reason}.`);
    return row;
  }

  private async has({ clusterId, machineId }: NewMachineRow): Promise<boolean> {
    return (
      (await this.client.machine.findFirst({ where: { clusterId, machineId }, select: { machineId: true } })) !== null
    );
  }
}

function updateStates(changes: readonly StateChange[]): Prisma.Sql {
  // ELSE never applies; it tells PostgreSQL the type of the parameters.
  const assign = (field: Field, value: (change: StateChange) => number | bigint) => {
    const cases = changes.map((change) => Prisma.sql`WHEN ${change.clustererId} THEN ${value(change)}`);
    const column = Prisma.raw(`"${field}"`);
    return Prisma.sql`${column} = CASE "clusterer_id" ${Prisma.join(cases, ' ')} ELSE ${column} END`;
  };
  return Prisma.sql`UPDATE "clusterer" SET
    ${assign('state', (change) => change.state)},
    ${assign('no_tries', (change) => change.noTries)},
    ${assign('last_attempt', (change) => BigInt(change.lastAttempt))}
    WHERE "clusterer_id" IN (${Prisma.join(changes.map((change) => change.clustererId))})`;
}

/** Prisma's code; the three clients have a class each, so it cannot be told by `instanceof`. */
function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'P2002';
}
