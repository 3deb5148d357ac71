import {
  ENTRIES_OF_A_PAGE,
  type HistoryEntryView,
  type HistoryPage,
  type HistoryQuery,
} from '../../schemas/history.js';
import type { HistoryEntry, HistoryFilter } from '../ports/history-store.js';
import { badCursor } from '../views/errors.js';
import { formatTime, parseTime } from '../views/rfc3339.js';
import type { HistoryLog } from './history-log.js';

/**
 * One page of the history, newest first. A cursor is the id of the page's last entry, so new entries do not move the next page.
 * @throws `invalid_input` for a malformed cursor or time
 */
export async function historyPage(history: HistoryLog, query: HistoryQuery): Promise<HistoryPage> {
  const { limit = ENTRIES_OF_A_PAGE } = query;
  // One more than requested shows whether there is another page.
  const found = await history.newest(filterOf(query), limit + 1);
  const entries = found.slice(0, limit);
  const last = found.length > entries.length ? entries.at(-1) : undefined;
  return { entries: entries.map(entryView), next_cursor: last === undefined ? null : String(last.id) };
}

function filterOf({ cluster_id, machine_id, kind, since, until, cursor }: HistoryQuery): HistoryFilter {
  return {
    ...(cluster_id !== undefined && { clusterId: cluster_id }),
    ...(machine_id !== undefined && { machineId: machine_id }),
    ...(kind !== undefined && { kind }),
    ...(since !== undefined && { since: parseTime(since, '/since') }),
    ...(until !== undefined && { until: parseTime(until, '/until') }),
    ...(cursor !== undefined && { before: parseCursor(cursor) }),
  };
}

function parseCursor(cursor: string): number {
  if (/^\d{1,16}$/.test(cursor) && Number.isSafeInteger(Number(cursor))) return Number(cursor);
  throw badCursor();
}

function entryView({ id, at, kind, clusterId, machineId, cause, by, detail }: HistoryEntry): HistoryEntryView {
  return { id, at: formatTime(at), kind, cluster_id: clusterId, machine_id: machineId, cause, by, detail };
}
