import type { PrismaClient } from '../../generated/sqlite/client.js';
import type { DrainChange, DrainRow, DrainStore } from '../../service/ports/drain-store.js';
import { reaching, reading } from '../unavailable.js';

/** Rows in one statement. */
const ROWS_PER_STATEMENT = 200;

/** The drains through Prisma. The driver adapter replaces the table's name (adapter.ts). */
export class PrismaDrainStore implements DrainStore {
  constructor(private readonly client: PrismaClient) {}

  load(): Promise<DrainRow[]> {
    return reading(async () => {
      const rows = await this.client.drain.findMany();
      return rows.map(({ clusterId, machineId, reason, until, setBy, since }) => {
        const drain = { reason, until: until === null ? null : Number(until), by: setBy, since: Number(since) };
        return { clusterId, machineId, drain };
      });
    });
  }

  save(changes: readonly DrainChange[]): Promise<void> {
    return reaching(async () => {
      await this.client.$transaction(async ({ drain }) => {
        for (let from = 0; from < changes.length; from += ROWS_PER_STATEMENT) {
          const some = changes.slice(from, from + ROWS_PER_STATEMENT);
          await drain.deleteMany({
            where: { OR: some.map(whereOf) },
          });
          await drain.createMany({ data: some.filter(isSet).map(rowOf) });
        }
      });
    });
  }
}

function isSet(change: DrainChange): change is DrainRow {
  return change.drain !== null;
}

function whereOf({ clusterId, machineId, endedSince }: DrainChange) {
  return { clusterId, machineId, ...(endedSince !== undefined && { since: { lte: BigInt(endedSince) } }) };
}

function rowOf({ clusterId, machineId, drain }: DrainRow) {
  const { reason, until, by, since } = drain;
  return {
    clusterId,
    machineId,
    reason,
    until: until === null ? null : BigInt(until),
    setBy: by,
    since: BigInt(since),
  };
}
