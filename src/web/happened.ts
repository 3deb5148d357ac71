import { changeWords, ofSeveral, predicateOf } from './happening-words.js';
import type { Change } from './messages.js';
import { keyOf } from './store.js';

/** Something that happened, as a sentence. */
export interface Entry {
  /** Unix milliseconds. */
  readonly at: number;
  readonly text: string;
  /** The machine it concerns, and what is said of it. */
  readonly about: About | null;
  /** The state that a machine has come to, or `other`. */
  readonly kind: string;
  /** Whether the history of the service has it, too. */
  readonly recorded: boolean;
}

export interface About {
  readonly key: string;
  readonly clusterId: number;
  /** As `is up: set by alice`. */
  readonly predicate: string;
}

/** One line of what happened: an entry, or many of a kind that came together. */
export interface Line extends Pick<Entry, 'at' | 'text' | 'kind'> {
  /** The oldest of them, by which the line is known while more come. */
  readonly first: Entry;
  /** The machine, where it is one. */
  readonly key: string | null;
}

/** Enough to look back on; older entries go. */
const MOST = 500;

/** So many of a kind, each within this time of the one before, are one line. */
const MANY = 4;
const TOGETHER_MS = 2_000;

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
    return this.newest.filter(({ about }) => about?.key === key);
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
  const machine = 'machine' in params ? params.machine : method === 'reception' ? params : null;
  if (machine === null) return { ...told, about: null, kind: 'other' };
  const about = { key: keyOf(machine), clusterId: machine.cluster_id, predicate: predicateOf(change) };
  return { ...told, about, kind: method === 'node_state' ? params.to : 'other' };
}

/** Entries as lines, newest first: a thousand machines that fall silent at once are one. */
export function linesOf(entries: readonly Entry[]): Line[] {
  const lines: Line[] = [];
  for (let i = 0; i < entries.length; ) {
    const run = runFrom(entries, i);
    const taken = run.length >= MANY ? run : run.slice(0, 1);
    lines.push(lineOf(taken));
    i += taken.length;
  }
  return lines;
}

function runFrom(entries: readonly Entry[], start: number): Entry[] {
  const run = entries.slice(start, start + 1);
  for (const entry of entries.slice(start + 1)) {
    const before = run.at(-1);
    if (before === undefined || !sameKind(before, entry)) break;
    run.push(entry);
  }
  return run;
}

function sameKind(newer: Entry, older: Entry): boolean {
  if (newer.about === null || older.about === null || newer.at - older.at > TOGETHER_MS) return false;
  return newer.about.predicate === older.about.predicate && newer.about.clusterId === older.about.clusterId;
}

function lineOf(run: readonly Entry[]): Line {
  const [newest] = run;
  const first = run.at(-1);
  if (newest === undefined || first === undefined) throw new Error('a line has an entry');
  const { at, kind, about } = newest;
  if (run.length === 1 || about === null) return { at, kind, text: newest.text, first, key: about?.key ?? null };
  return { at, kind, text: ofSeveral(run.length, about.clusterId, about.predicate), first, key: null };
}
