import type { Delivery, DeliveryChange, WebhookStore } from '../ports/webhook-store.js';
import { WriteBehind, type WritePorts } from '../write-behind.js';

/** Changes in one transaction. */
const CHANGES_AT_ONCE = 500;

/**
 * Deliveries and their table: a delivery is handed over when its row is written, so that a restart does not lose it. While the
 * database is unavailable it is handed over at once. Without a store everything is in memory only.
 */
export class Outbox {
  private readonly unwritten = new Map<number, DeliveryChange>();
  /** Not handed over: the first write of their rows has not ended. */
  private fresh: Delivery[] = [];
  private isWriting = false;
  private isFailing = false;
  private readonly writeBehind: WriteBehind;

  constructor(
    private readonly store: WebhookStore | null,
    ports: WritePorts,
    private readonly handOver: (delivery: Delivery) => void,
  ) {
    const unwritten = () => this.unwritten.size;
    this.writeBehind = new WriteBehind({ name: 'webhook', delayMs: 0, unwritten, write: () => this.write() }, ports);
  }

  add(delivery: Delivery): void {
    this.change({ delivery, outcome: null });
    if (this.store === null || this.isFailing) this.handOver(delivery);
    else this.fresh.push(delivery);
  }

  /** It was delivered, or given up. */
  end(delivery: Delivery, outcome: Exclude<DeliveryChange['outcome'], null>): void {
    const before = this.unwritten.get(delivery.id);
    const isUnknown = before?.outcome === null && !this.isWriting;
    // A row that was never written needs no removal.
    if (isUnknown && outcome === 'delivered') this.unwritten.delete(delivery.id);
    else this.change({ delivery, outcome });
  }

  /** Forgets everything: another replica goes on. */
  clear(): void {
    this.unwritten.clear();
    this.fresh = [];
  }

  /** Writes the rest, once. A failure is in the log. */
  async stop(): Promise<void> {
    await this.writeBehind.stop().catch(() => undefined);
  }

  private change(change: DeliveryChange): void {
    if (this.store === null) return;
    this.unwritten.set(change.delivery.id, change);
    this.writeBehind.changed();
  }

  private async write(): Promise<void> {
    this.isWriting = true;
    try {
      while (this.unwritten.size > 0) await this.writeSome([...this.unwritten.values()].slice(0, CHANGES_AT_ONCE));
      this.isFailing = false;
    } catch (error) {
      this.isFailing = true;
      throw error;
    } finally {
      this.isWriting = false;
      // After a failure they are sent without a row.
      this.handOverFresh(() => true);
    }
  }

  private async writeSome(changes: readonly DeliveryChange[]): Promise<void> {
    await this.store?.save(changes);
    for (const change of changes) {
      const { id } = change.delivery;
      if (this.unwritten.get(id) === change) this.unwritten.delete(id);
    }
    const written = new Set(changes.map(({ delivery }) => delivery.id));
    this.handOverFresh(({ id }) => written.has(id));
  }

  private handOverFresh(isReady: (delivery: Delivery) => boolean): void {
    const ready = this.fresh.filter(isReady);
    this.fresh = this.fresh.filter((delivery) => !isReady(delivery));
    for (const delivery of ready) this.handOver(delivery);
  }
}
