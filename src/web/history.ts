import { type Api, Refused } from './api.js';
import type { Entry } from './happened.js';
import type { State } from './messages.js';
import { keyOf, type Since } from './store.js';
import { capital, nameOf, stateWords } from './words.js';

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
  const { cluster_id, machine_id, kind } = past;
  const told = { at: Date.parse(past.at), recorded: true };
  if (cluster_id === null || machine_id === null)
    return { ...told, text: capital(predicateOf(past)), about: null, kind: 'other' };
  const predicate = predicateOf(past);
  const text = `${capital(nameOf({ cluster_id, machine_id }))} ${predicate}`;
  const about = { key: keyOf({ cluster_id, machine_id }), clusterId: cluster_id, predicate };
  return { ...told, text, about, kind: kind === 'node_state' ? String(past.detail.to) : 'other' };
}

function predicateOf({ kind, cause, by, detail }: Past): string {
  if (kind === 'node_state') return stateWords(detail.to as State, cause, by, Number(detail.failed_attempts ?? 1));
  return `${kind}${cause === null ? '' : `: ${cause}`}`;
}
