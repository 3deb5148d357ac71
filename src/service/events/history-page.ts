import {
  ENTRIES_OF_A_PAGE,
  type HistoryEntryView,
  type HistoryPage,
  type HistoryQuery,
} from '../../schemas/history.js';
import { invalidInput } from '../../schemas/validation.js';
import type { HistoryEntry, HistoryFilter } from '../ports.js';
import { readTime, timeText } from '../views/rfc3339.js';
import type { HistoryLog } from './history-log.js';

/**
 * One page of the history, newest first. A cursor is the last entry of the page before, so that what happens meanwhile moves no other.
 * @throws `invalid_input` for a cursor that is none of ours, and for a time that is none
 */
export async function historyPage(history: HistoryLog, query: HistoryQuery): Promise<HistoryPage> {
  // One more than asked for tells whether there is another page.
  const { limit = ENTRIES_OF_A_PAGE } = query;
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
    ...(since !== undefined && { since: readTime(since, '/since') }),
    ...(until !== undefined && { until: readTime(until, '/until') }),
    ...(cursor !== undefined && { before: readCursor(cursor) }),
  };
}

function readCursor(cursor: string): number {
  if (/^\d{1,16}$/.test(cursor) && Number.isSafeInteger(Number(cursor))) return Number(cursor);
  throw invalidInput([{ pointer: '/cursor', detail: 'is not the next_cursor of a page; start again without one' }]);
}

function entryView({ id, at, kind, clusterId, machineId, cause, by, detail }: HistoryEntry): HistoryEntryView {
  return { id, at: timeText(at), kind, cluster_id: clusterId, machine_id: machineId, cause, by, detail };
}
