import type { PrismaClient } from '../../generated/sqlite/client.js';
import type { Delivery, DeliveryChange, WebhookStore } from '../../service/ports/webhook-store.js';
import { reaching, reading } from '../unavailable.js';

/** Rows in one statement. */
const ROWS_PER_STATEMENT = 100;

/** The deliveries through Prisma. The driver adapter replaces the table's name (adapter.ts). */
export class PrismaWebhookStore implements WebhookStore {
  constructor(private readonly client: PrismaClient) {}

  load(): Promise<Delivery[]> {
    return reading(async () => {
      const rows = await this.client.delivery.findMany({ where: { failedAt: null }, orderBy: { id: 'asc' } });
      return rows.map(({ id, webhook, subject, at, body }) => {
        return { id: Number(id), webhook, subject, at: Number(at), body };
      });
    });
  }

  save(changes: readonly DeliveryChange[]): Promise<void> {
    return reaching(async () => {
      await this.client.$transaction(async ({ delivery }) => {
        for (let from = 0; from < changes.length; from += ROWS_PER_STATEMENT) {
          const some = changes.slice(from, from + ROWS_PER_STATEMENT);
          await delivery.deleteMany({ where: { id: { in: some.map((change) => BigInt(change.delivery.id)) } } });
          const data = some.flatMap(rowOf);
          if (data.length > 0) await delivery.createMany({ data });
        }
      });
    });
  }

  async purge(before: number): Promise<void> {
    await reaching(() => this.client.delivery.deleteMany({ where: { at: { lt: before } } }));
  }
}

function rowOf({ delivery: { id, at, ...rest }, outcome }: DeliveryChange) {
  if (outcome === 'delivered') return [];
  const { attempts = 0, failedAt = null, error = null } = outcome ?? {};
  return [
    {
      id: BigInt(id),
      at: BigInt(at),
      ...rest,
      attempts,
      failedAt: failedAt === null ? null : BigInt(failedAt),
      error,
    },
  ];
}
