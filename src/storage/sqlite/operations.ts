import { DatabaseUnavailable } from '../../ground/errors.js';
import type { DrainChange } from '../../service/ports/drain-store.js';
import type { FleetPeerChange, FleetSequence, FleetStore, FleetTag } from '../../service/ports/fleet-store.js';
import type { HistoryEntry, HistoryFilter } from '../../service/ports/history-store.js';
import type { Accept, MachineRowChange, NewMachineRow, StateChange } from '../../service/ports/machine-store.js';
import type { OwnStores } from '../../service/ports/own-stores.js';
import type { DeliveryChange, WebhookStore } from '../../service/ports/webhook-store.js';
import type { Database } from '../opened.js';
import { packRows } from './packed-rows.js';

/** The methods of all stores as one list of functions, which the main thread calls by name. */
export type Operations = ReturnType<typeof operationsOn>;

export type Operation = keyof Operations;
export type Args<O extends Operation> = Parameters<Operations[O]>;
export type Result<O extends Operation> = Awaited<ReturnType<Operations[O]>>;

export function operationsOn({ machines, own }: Database) {
  const ownStores = (): OwnStores => {
    if ('unusable' in own) throw new DatabaseUnavailable(own.unusable);
    return own;
  };
  const fleet = (): FleetStore => {
    const store = ownStores().fleet;
    if ('unusable' in store) throw new DatabaseUnavailable(store.unusable);
    return store;
  };
  let opened: WebhookStore | null = null;
  // A new thread opens it again.
  const webhooks = async (): Promise<WebhookStore> => {
    if (opened !== null) return opened;
    const store = await ownStores().openWebhooks();
    if ('unusable' in store) throw new DatabaseUnavailable(store.unusable);
    opened = store;
    return store;
  };
  return {
    load: async () => packRows(await machines.load()),
    saveStates: (changes: readonly StateChange[]) => machines.saveStates(changes),
    insert: (row: NewMachineRow, accept?: Accept) => machines.insert(row, accept),
    update: (id: number, change: MachineRowChange, accept?: Accept) => machines.update(id, change, accept),
    remove: (id: number) => machines.remove(id),
    ping: () => machines.ping(),
    close: () => machines.close(),
    loadDrains: () => ownStores().drains.load(),
    saveDrains: (changes: readonly DrainChange[]) => ownStores().drains.save(changes),
    addHistory: (entries: readonly HistoryEntry[]) => ownStores().history.store.add(entries),
    newestHistory: (filter: HistoryFilter, limit: number) => ownStores().history.store.newest(filter, limit),
    lastStates: () => ownStores().history.store.lastStates(),
    purgeHistory: (olderThan: number, keep: number) => ownStores().history.store.purge(olderThan, keep),
    loadFleet: () => fleet().load(),
    saveSequences: (sequences: readonly FleetSequence[]) => fleet().saveSequences(sequences),
    saveTags: (tags: readonly FleetTag[]) => fleet().saveTags(tags),
    savePeers: (changes: readonly FleetPeerChange[]) => fleet().savePeers(changes),
    openWebhooks: async () => {
      const store = await ownStores().openWebhooks();
      return 'unusable' in store ? store : 'usable';
    },
    loadDeliveries: async () => (await webhooks()).load(),
    saveDeliveries: async (changes: readonly DeliveryChange[]) => (await webhooks()).save(changes),
    purgeDeliveries: async (before: number) => (await webhooks()).purge(before),
  };
}
