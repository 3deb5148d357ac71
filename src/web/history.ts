import { type Api, Refused } from './api.js';
import type { Entry } from './happened.js';
import type { State } from './messages.js';
import { keyOf, type Since } from './store.js';
import { capital, causeWords, nameOf } from './words.js';

/** An entry of `GET /history`. */
interface Past {
  readonly id: number;
  readonly at: string;
  readonly kind: string;
  readonly cluster_id: number | null;
  readonly machine_id: number | null;
  readonly cause: string | null;
  readonly by: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What the history told of the state of a machine, and since when it is that. */
export interface Learnt {
  readonly key: string;
  readonly state: State;
  readonly since: Since;
}

/** What happened before now, newest first; null where no history can be read. */
export async function readHistory(api: Api): Promise<{ entries: Entry[]; learnt: Learnt[] } | null> {
  try {
    const { entries } = await api.request<{ entries: readonly Past[] }>('GET', 'history?limit=500');
    return { entries: entries.map(entryOf), learnt: entries.flatMap(learntOf) };
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

function learntOf({ kind, at, cause, by, detail, cluster_id, machine_id }: Past): Learnt[] {
  if (kind !== 'node_state' || cluster_id === null || machine_id === null) return [];
  const since: Since = { at: Date.parse(at), known: 'told', cause, by };
  return [{ key: keyOf({ cluster_id, machine_id }), state: detail.to as State, since }];
}

function entryOf(past: Past): Entry {
  const { cluster_id, machine_id, kind, at } = past;
  const key = cluster_id === null || machine_id === null ? null : keyOf({ cluster_id, machine_id });
  const state = kind === 'node_state' ? (past.detail.to as State) : 'other';
  return { at: Date.parse(at), text: pastWords(past), key, kind: state, recorded: true };
}

function pastWords({ kind, cause, by, detail, cluster_id, machine_id }: Past): string {
  const about = machine_id !== null && cluster_id !== null ? capital(nameOf({ machine_id, cluster_id })) : '';
  const reason = cause === null ? '' : `: ${causeWords(cause, by, Number(detail.failed_attempts ?? 1))}`;
  if (kind === 'node_state') return `${about} is ${String(detail.to).replace('temp_', 'temporarily ')}${reason}`;
  return `${about} ${kind}${reason}`;
}
