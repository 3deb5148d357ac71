import type { Entry } from './activity-entry.js';
import { type Line, linesOf } from './activity-lines.js';
import { Silences } from './silences.js';

/** Older entries are dropped. */
const MAX_ENTRIES = 500;

/** Lines shown, besides those about silence. */
const MAX_LINES = 100;

/** The events since the page was opened, and before that the service's history. */
export class Activity {
  /** Newest first. */
  private live: Entry[] = [];
  private past: readonly Entry[] = [];
  private readonly silences = new Silences();

  /** Newest first. */
  get lines(): Line[] {
    return newestFirst([...linesOf(this.newest).slice(0, MAX_LINES), ...this.silences.lines]);
  }

  /** The entries of one machine, newest first. */
  of(key: string): Entry[] {
    return newestFirst([...this.newest.filter(({ about }) => about?.key === key), ...this.silences.of(key)]);
  }

  add(entry: Entry): void {
    if (entry.silence) this.silences.add(entry);
    else this.live = [entry, ...this.live.slice(0, MAX_ENTRIES - 1)];
  }

  /** Takes the history, which replaces the live entries and fills the gap of a lost connection. */
  begin(past: readonly Entry[]): void {
    this.past = past;
    this.live = [];
  }

  private get newest(): readonly Entry[] {
    return newestFirst([...this.live, ...this.past]).slice(0, MAX_ENTRIES);
  }
}

function newestFirst<T extends { readonly at: number }>(all: T[]): T[] {
  return all.sort((a, b) => b.at - a.at);
}
