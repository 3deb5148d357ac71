import { type Api, ApiError } from '../state/api.js';
import type { LinkChange } from '../state/link-log.js';
import type { State } from '../state/messages.js';
import { machineKey, type Since } from '../state/store.js';
import { type HistoryEntry, historyWords } from '../words/history-words.js';
import { capital, nameOf } from '../words/words.js';
import type { Entry } from './activity-entry.js';

/** A machine's state in the history, and since when. */
export interface KnownState {
  readonly key: string;
  /** Null: unknown, but the machine has had its state since it was added. */
  readonly state: State | null;
  readonly since: Since;
}

/** What the page takes from the history, each newest first. */
export interface Past {
  readonly entries: Entry[];
  /** The newest state of each machine. */
  readonly states: KnownState[];
  readonly links: (LinkChange & { readonly key: string })[];
}

/** Null if the history cannot be read. */
export async function readHistory(api: Api): Promise<Past | null> {
  try {
    const { entries } = await api.request<{ entries: readonly HistoryEntry[] }>('GET', 'history?limit=500');
    // The page shows links with their machines.
    const told = entries.filter(({ kind }) => kind !== 'link');
    return { entries: told.map(entryOf), states: knownStates(entries), links: linkChanges(entries) };
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

function linkChanges(entries: readonly HistoryEntry[]): Past['links'] {
  return entries.flatMap(({ kind, at, detail, cluster_id, machine_id }) => {
    if (kind !== 'link' || cluster_id === null || machine_id === null) return [];
    return [{ key: machineKey({ cluster_id, machine_id }), at: Date.parse(at), to: detail.to as LinkChange['to'] }];
  });
}

function knownStates(entries: readonly HistoryEntry[]): KnownState[] {
  const newest = new Map<string, KnownState>();
  for (const { kind, at, cause, by, detail, cluster_id, machine_id } of entries) {
    if (cluster_id === null || machine_id === null) continue;
    const key = machineKey({ cluster_id, machine_id });
    const since: Since = { at: Date.parse(at), known: 'observed', cause, by };
    if (newest.has(key)) continue;
    if (kind === 'node_state') newest.set(key, { key, state: detail.to as State, since });
    const added = kind === 'provisioning' && detail.change === 'created';
    if (added) newest.set(key, { key, state: null, since: { ...since, by: null } });
  }
  return [...newest.values()];
}

function entryOf(past: HistoryEntry): Entry {
  const { cluster_id, machine_id, kind, detail } = past;
  const common = { at: Date.parse(past.at), silence: false };
  const words = historyWords(past);
  if (cluster_id === null || machine_id === null) return { ...common, text: words, about: null, kind: 'other' };
  const machine = { cluster_id, machine_id };
  const about = { key: machineKey(machine), clusterId: cluster_id, predicate: words };
  const text = `${capital(nameOf(machine))} ${words}`;
  return { ...common, text, about, kind: kind === 'node_state' ? String(detail.to) : 'other' };
}
