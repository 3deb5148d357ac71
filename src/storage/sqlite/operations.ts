import { DatabaseUnavailable } from '../../ground/errors.js';
import type {
  Accept,
  DrainChange,
  FleetPeerChange,
  FleetSequence,
  FleetStore,
  FleetTag,
  HistoryEntry,
  HistoryFilter,
  MachineRowChange,
  NewMachineRow,
  OwnStores,
  StateChange,
} from '../../service/ports.js';
import type { Database } from '../opened.js';

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
  return {
    load: () => machines.load(),
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
  };
}
