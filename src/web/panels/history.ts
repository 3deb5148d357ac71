import { type Api, Refused } from '../state/api.js';
import type { State } from '../state/messages.js';
import { keyOf, type Since } from '../state/store.js';
import { type Past, pastWords } from '../words/history-words.js';
import { capital, nameOf } from '../words/words.js';
import type { Entry } from './activity-entry.js';

/** What the history told of the state of a machine, and since when it is that. */
export interface Learnt {
  readonly key: string;
  /** Null: whatever it is, it has been that since the machine was added. */
  readonly state: State | null;
  readonly since: Since;
}

/** What happened before now, newest first, and the newest word on each machine; null where no history can be read. */
export async function readHistory(api: Api): Promise<{ entries: Entry[]; learnt: Learnt[] } | null> {
  try {
    const { entries } = await api.request<{ entries: readonly Past[] }>('GET', 'history?limit=500');
    return { entries: entries.map(entryOf), learnt: learntFrom(entries) };
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

function learntFrom(entries: readonly Past[]): Learnt[] {
  const newest = new Map<string, Learnt>();
  for (const { kind, at, cause, by, detail, cluster_id, machine_id } of entries) {
    if (cluster_id === null || machine_id === null) continue;
    const key = keyOf({ cluster_id, machine_id });
    const since: Since = { at: Date.parse(at), known: 'told', cause, by };
    if (newest.has(key)) continue;
    if (kind === 'node_state') newest.set(key, { key, state: detail.to as State, since });
    const added = kind === 'provisioning' && detail.change === 'created';
    if (added) newest.set(key, { key, state: null, since: { ...since, by: null } });
  }
  return [...newest.values()];
}

function entryOf(past: Past): Entry {
  const { cluster_id, machine_id, kind, detail } = past;
  const told = { at: Date.parse(past.at), silence: false };
  const words = pastWords(past);
  if (cluster_id === null || machine_id === null) return { ...told, text: words, about: null, kind: 'other' };
  const machine = { cluster_id, machine_id };
  const about = { key: keyOf(machine), clusterId: cluster_id, predicate: words };
  const text = `${capital(nameOf(machine))} ${words}`;
  return { ...told, text, about, kind: kind === 'node_state' ? String(detail.to) : 'other' };
}
