import { ofSeveral } from '../words/change-words.js';
import type { Entry } from './activity-entry.js';

/** One line of the activity list: an entry, or a group of similar entries. */
export interface Line extends Pick<Entry, 'at' | 'text' | 'kind'> {
  /** The oldest entry; it identifies the line while the group grows. */
  readonly first: Entry;
  /** The machine; null for several. */
  readonly key: string | null;
}

/** This many similar entries, each within this time of the one before, become one line. */
export const MIN_GROUP = 4;
export const GROUP_GAP_MS = 2_000;

/** Entries as lines, newest first. A thousand machines disabled at once are one line. */
export function linesOf(entries: readonly Entry[]): Line[] {
  const lines: Line[] = [];
  for (let rest = entries; rest[0] !== undefined; ) {
    const run = runOf(rest[0], rest);
    const line = run.length < MIN_GROUP ? lineOf(rest[0]) : lineOfRun(rest[0], run);
    lines.push(line);
    rest = rest.slice(run.length < MIN_GROUP ? 1 : run.length);
  }
  return lines;
}

/** The newest entry, and the similar ones right before it. */
function runOf(newest: Entry, entries: readonly Entry[]): readonly Entry[] {
  let before = newest;
  const end = entries.findIndex((entry) => {
    if (entry !== newest && !sameKind(before, entry)) return true;
    before = entry;
    return false;
  });
  return end === -1 ? entries : entries.slice(0, end);
}

function sameKind(newer: Entry, older: Entry): boolean {
  if (newer.about === null || older.about === null || newer.at - older.at > GROUP_GAP_MS) return false;
  return newer.about.predicate === older.about.predicate && newer.about.clusterId === older.about.clusterId;
}

function lineOfRun(newest: Entry, run: readonly Entry[]): Line {
  const first = run.at(-1) ?? newest;
  const { at, kind, about } = newest;
  const machines = new Set(run.map((entry) => entry.about?.key)).size;
  if (machines === 1 || about === null) return { ...lineOf(newest), first };
  return { at, kind, text: ofSeveral(machines, about.clusterId, about.predicate), first, key: null };
}

export function lineOf(entry: Entry): Line {
  const { at, kind, text, about } = entry;
  return { at, kind, text, first: entry, key: about?.key ?? null };
}
