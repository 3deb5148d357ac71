import type { DrainStore } from './drain-store.js';
import type { FleetStore } from './fleet-store.js';
import type { HistoryStore } from './history-store.js';
import type { WebhookStore } from './webhook-store.js';

/** The tables that the service adds to the database. */
export interface OwnStores {
  readonly drains: DrainStore;
  /** `lastId`: the id of the newest entry, 0 if there is none. */
  readonly history: { readonly store: HistoryStore; readonly lastId: number };
  /** `unusable`: why its tables cannot be used, for the operator. Only clusters of dialect 2.4 need them. */
  readonly fleet: FleetStore | { readonly unusable: string };
  /** Creates its table where it is missing. Called only where webhooks are configured. */
  openWebhooks(): Promise<WebhookStore | { readonly unusable: string }>;
}
