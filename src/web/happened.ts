import type { Change } from './messages.js';
import { keyOf } from './store.js';
import { changeWords } from './words.js';

/** Something that happened, as a sentence. */
export interface Entry {
  /** Unix milliseconds. */
  readonly at: number;
  readonly text: string;
  /** The machine it concerns. */
  readonly key: string | null;
  /** The state that a machine has come to, or `other`. */
  readonly kind: string;
  /** Whether the history of the service has it, too. */
  readonly recorded: boolean;
}

/** Enough to look back on; older entries go. */
const MOST = 500;

/** What happened: as it came, and before that as far as the service's history tells. */
export class Happened {
  /** Newest first. */
  private live: Entry[] = [];
  private past: readonly Entry[] = [];

  /** Newest first. */
  get newest(): readonly Entry[] {
    return [...this.live, ...this.past].sort((a, b) => b.at - a.at).slice(0, MOST);
  }

  /** What is remembered of one machine, newest first. */
  of(key: string): Entry[] {
    return this.newest.filter((entry) => entry.key === key);
  }

  add(entry: Entry): void {
    this.live = [entry, ...this.live.slice(0, MOST - 1)];
  }

  /** The history was read: it also tells what came while the page was not connected, and stands for what it has recorded. */
  begin(past: readonly Entry[]): void {
    this.past = past;
    this.live = this.live.filter(({ recorded }) => !recorded);
  }
}

/** A change as it is told. */
export function entryOf(change: Change, at: number): Entry {
  const { method, params } = change;
  const told = { at, text: changeWords(change), recorded: method !== 'reception' };
  if (method === 'reception') return { ...told, key: keyOf(params), kind: 'other' };
  const key = 'machine' in params ? keyOf(params.machine) : null;
  return { ...told, key, kind: method === 'node_state' ? params.to : 'other' };
}
