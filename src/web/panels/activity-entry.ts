import type { Changes } from '../../schemas/changes.js';
import type { Change } from '../state/messages.js';
import { machineKey } from '../state/store.js';
import { changeWords, predicateOf } from '../words/change-words.js';
import { tagEventWords } from '../words/tag-event-words.js';
import { capital, nameOf } from '../words/words.js';

/** An event as a sentence. */
export interface Entry {
  /** Unix milliseconds. */
  readonly at: number;
  readonly text: string;
  /** The machine it concerns; null if none. */
  readonly about: About | null;
  /** The new state of the machine, or `other`. */
  readonly kind: string;
  /** Whether it reports silence, which the service's history does not contain. */
  readonly silence: boolean;
}

export interface About {
  readonly key: string;
  readonly clusterId: number;
  /** Such as `is up: set by alice`. */
  readonly predicate: string;
}

/** Null for a change that the page shows only with its machine. */
export function entryOf(change: Change, at: number): Entry | null {
  if (change.method === 'link' || change.method === 'capability' || change.method === 'topology') return null;
  if (change.method === 'tag') return tagEntry(change.params, at);
  const { method, params } = change;
  const common = { at, text: changeWords(change), silence: method === 'reception' };
  const machine = 'machine' in params ? params.machine : method === 'reception' || method === 'message' ? params : null;
  if (machine === null) return { ...common, about: null, kind: 'other' };
  const about = { key: machineKey(machine), clusterId: machine.cluster_id, predicate: predicateOf(change) };
  return { ...common, about, kind: method === 'node_state' ? params.to : 'other' };
}

/** Null for what the history does not have either: what machines say by themselves. */
function tagEntry({ cluster_id, machine_id, ...event }: Changes['tag'], at: number): Entry | null {
  if (machine_id === null || event.reason === 'announced' || event.reason === 'lost') return null;
  const machine = { cluster_id, machine_id };
  const predicate = tagEventWords(event);
  const about = { key: machineKey(machine), clusterId: cluster_id, predicate };
  return { at, text: `${capital(nameOf(machine))} ${predicate}`, about, kind: 'other', silence: false };
}
