import type { Change } from '../state/messages.js';
import { keyOf } from '../state/store.js';
import { changeWords, predicateOf } from '../words/change-words.js';

/** Something that happened, as a sentence. */
export interface Entry {
  /** Unix milliseconds. */
  readonly at: number;
  readonly text: string;
  /** The machine it concerns, and what is said of it. */
  readonly about: About | null;
  /** The state that a machine has come to, or `other`. */
  readonly kind: string;
  /** Whether it is about silence, of which the history of the service has nothing. */
  readonly silence: boolean;
}

export interface About {
  readonly key: string;
  readonly clusterId: number;
  /** As `is up: set by alice`. */
  readonly predicate: string;
}

/** A change as it is told. */
export function entryOf(change: Change, at: number): Entry {
  const { method, params } = change;
  const told = { at, text: changeWords(change), silence: method === 'reception' };
  const machine = 'machine' in params ? params.machine : method === 'reception' ? params : null;
  if (machine === null) return { ...told, about: null, kind: 'other' };
  const about = { key: keyOf(machine), clusterId: machine.cluster_id, predicate: predicateOf(change) };
  return { ...told, about, kind: method === 'node_state' ? params.to : 'other' };
}
