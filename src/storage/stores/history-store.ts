import { Prisma, type PrismaClient, type HistoryEntry as Row } from '../../generated/sqlite/client.js';
import type { HistoryEntry, HistoryFilter, HistoryStore, LastState } from '../../service/ports/history-store.js';
import { HISTORY_COLUMNS } from '../names.js';
import { reaching, reading } from '../unavailable.js';

/** Rows deleted by one statement. Small steps let the event loop and the database do other work in between. */
const PURGED_PER_STATEMENT = 1_000;

/** Ids in one statement. */
const IDS_PER_STATEMENT = 1_000;

/** Entries that decide the last state. Creating or deleting a machine discards its earlier state. */
const DECIDES_STATE = {
  OR: [{ kind: 'node_state' }, { kind: 'provisioning', NOT: { detail: { startsWith: '{"change":"changed"' } } }],
};

/** The history through Prisma. The driver adapter replaces the table's name (adapter.ts). */
export class PrismaHistoryStore implements HistoryStore {
  constructor(private readonly client: PrismaClient) {}

  add(entries: readonly HistoryEntry[]): Promise<void> {
    return reaching(async () => {
      try {
        await this.insert(entries);
      } catch (error) {
        // Some exist when the reply to an earlier try was lost.
        const existing = await this.idsAmong(entries);
        if (existing.size === 0) throw error;
        await this.insert(entries.filter(({ id }) => !existing.has(id)));
      }
    });
  }

  newest(filter: HistoryFilter, limit: number): Promise<HistoryEntry[]> {
    const { clusterId, machineId, kind, since, until, before } = filter;
    return reading(async () => {
      const rows = await this.client.historyEntry.findMany({
        where: {
          ...(clusterId !== undefined && { clusterId }),
          ...(machineId !== undefined && { machineId }),
          ...(kind !== undefined && { kind }),
          at: { ...(since !== undefined && { gte: since }), ...(until !== undefined && { lt: until }) },
          ...(before !== undefined && { id: { lt: before } }),
        },
        orderBy: { id: 'desc' },
        take: limit,
      });
      return rows.map(entryOf);
    });
  }

  lastStates(): Promise<LastState[]> {
    return reading(async () => {
      const { historyEntry } = this.client;
      const newest = await historyEntry.groupBy({
        by: ['clusterId', 'machineId'],
        where: DECIDES_STATE,
        _max: { id: true },
      });
      const ids = newest.flatMap(({ _max }) => _max.id ?? []);
      const states: LastState[] = [];
      for (let from = 0; from < ids.length; from += IDS_PER_STATEMENT) {
        const id = { in: ids.slice(from, from + IDS_PER_STATEMENT) };
        const rows = await historyEntry.findMany({ where: { id, kind: 'node_state' } });
        states.push(...rows.map(entryOf).flatMap(stateOf));
      }
      return states;
    });
  }

  purge(olderThan: number, keep: number): Promise<number> {
    return reaching(async () => {
      const { historyEntry } = this.client;
      const [surplus] = await historyEntry.findMany({
        orderBy: { id: 'desc' },
        skip: keep,
        take: 1,
        select: { id: true },
      });
      const where = {
        OR: [{ at: { lt: olderThan } }, ...(surplus === undefined ? [] : [{ id: { lte: surplus.id } }])],
      };
      let purged = 0;
      for (;;) {
        const rows = await historyEntry.findMany({ where, take: PURGED_PER_STATEMENT, select: { id: true } });
        if (rows.length === 0) return purged;
        await historyEntry.deleteMany({ where: { id: { in: rows.map(({ id }) => id) } } });
        purged += rows.length;
      }
    });
  }

  private async insert(entries: readonly HistoryEntry[]): Promise<void> {
    if (entries.length > 0) await this.client.$executeRaw(insertRows(entries));
  }

  private async idsAmong(entries: readonly HistoryEntry[]): Promise<Set<number>> {
    const rows = await this.client.historyEntry.findMany({
      where: { id: { in: entries.map(({ id }) => id) } },
      select: { id: true },
    });
    return new Set(rows.map(({ id }) => Number(id)));
  }
}

const COLUMNS = Prisma.raw(HISTORY_COLUMNS.map((column) => `"${column}"`).join(', '));

/** Hand-written, with the model's names: Prisma's `createMany` takes ten times as long to build. */
function insertRows(entries: readonly HistoryEntry[]): Prisma.Sql {
  const rows = entries.map(({ id, at, kind, clusterId, machineId, cause, by, detail }) => {
    const values = [BigInt(id), BigInt(at), kind, clusterId, machineId, cause, by, JSON.stringify(detail)];
    return Prisma.sql`(${Prisma.join(values)})`;
  });
  return Prisma.sql`INSERT INTO "clusterer_history" (${COLUMNS}) VALUES ${Prisma.join(rows)}`;
}

function entryOf({ id, at, kind, clusterId, machineId, cause, askedBy, detail }: Row): HistoryEntry {
  return { id: Number(id), at: Number(at), kind, clusterId, machineId, cause, by: askedBy, detail: JSON.parse(detail) };
}

function stateOf({ clusterId, machineId, detail }: HistoryEntry): LastState[] {
  if (clusterId === null || machineId === null) return [];
  return [{ clusterId, machineId, state: String(detail.to) }];
}
