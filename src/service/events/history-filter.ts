import type { HistoryEntry, HistoryFilter } from '../ports/history-store.js';

/** The newest entries that pass the filter, by descending id. @param entries by ascending id */
export function newestOf(entries: readonly HistoryEntry[], filter: HistoryFilter, limit: number): HistoryEntry[] {
  const found: HistoryEntry[] = [];
  for (let index = entries.length - 1; index >= 0 && found.length < limit; index--) {
    const entry = entries[index];
    if (entry !== undefined && passes(entry, filter)) found.push(entry);
  }
  return found;
}

function passes(entry: HistoryEntry, { clusterId, machineId, kind, since, until, before }: HistoryFilter): boolean {
  return (
    (clusterId === undefined || entry.clusterId === clusterId) &&
    (machineId === undefined || entry.machineId === machineId) &&
    (kind === undefined || entry.kind === kind) &&
    (since === undefined || entry.at >= since) &&
    (until === undefined || entry.at < until) &&
    (before === undefined || entry.id < before)
  );
}
