import type { FleetEffect } from './fleet/effects.js';

/** A request for a sync in a cluster of dialect 2.4 that has no fleet yet. */
interface EarlySync {
  readonly clusterId: number;
  readonly capability: string;
  /** Monotonic milliseconds. */
  readonly dueAt: number;
}

/** Requests for syncs that came before their fleet (Y9). There are few of them, and they wait a few seconds only. */
export class EarlySyncs {
  /** By registration. */
  private readonly waiting = new Map<number, EarlySync>();

  /** @param seedFallbackMs how long they wait */
  constructor(private readonly seedFallbackMs: number) {}

  /** Monotonic milliseconds; Infinity if none waits. */
  get nextDeadline(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.waiting.values()) next = Math.min(next, dueAt);
    return next;
  }

  /** `nowMs` is monotonic. A registration that waits already goes on waiting. */
  add(registration: number, clusterId: number, capability: string, nowMs: number): void {
    if (this.waiting.has(registration)) return;
    this.waiting.set(registration, { clusterId, capability, dueAt: nowMs + this.seedFallbackMs });
  }

  delete(registration: number): void {
    this.waiting.delete(registration);
  }

  /** Removes and returns the requests for this cluster, whose fleet now exists. */
  take(clusterId: number): { readonly registration: number; readonly capability: string }[] {
    const taken = [];
    for (const [registration, early] of this.waiting) {
      if (early.clusterId !== clusterId) continue;
      taken.push({ registration, capability: early.capability });
      this.waiting.delete(registration);
    }
    return taken;
  }

  /** Ends the requests whose time has passed. `nowMs` is monotonic. */
  advance(nowMs: number, out: FleetEffect[]): void {
    for (const [registration, { clusterId, capability, dueAt }] of this.waiting) {
      if (dueAt > nowMs) continue;
      this.waiting.delete(registration);
      const sync = { clusterId, capability, registrations: [registration], machineId: null };
      out.push({ type: 'sync_ended', ...sync, packets: 0, complete: false, reason: 'no_donor' });
    }
  }
}
