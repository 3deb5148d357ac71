import type { Entry } from './activity-entry.js';
import { type Line, linesOf } from './activity-lines.js';
import { Silences } from './silences.js';

/** Enough to look back on; older entries go. */
const MOST = 500;

/** More lines than that nobody reads down a page. Those of silence come beside them. */
const MOST_LINES = 100;

/** What happened: as it came, and before that as far as the service's history tells. */
export class Happened {
  /** Newest first. */
  private live: Entry[] = [];
  private past: readonly Entry[] = [];
  private readonly silences = new Silences();

  /** What a person reads, newest first. */
  get lines(): Line[] {
    return newestFirst([...linesOf(this.newest).slice(0, MOST_LINES), ...this.silences.lines]);
  }

  /** What is remembered of one machine, newest first. */
  of(key: string): Entry[] {
    return newestFirst([...this.newest.filter(({ about }) => about?.key === key), ...this.silences.of(key)]);
  }

  add(entry: Entry): void {
    if (entry.silence) this.silences.add(entry);
    else this.live = [entry, ...this.live.slice(0, MOST - 1)];
  }

  /** The history was read: it also tells what came while the page was not connected, and stands for what was told. */
  begin(past: readonly Entry[]): void {
    this.past = past;
    this.live = [];
  }

  private get newest(): readonly Entry[] {
    return newestFirst([...this.live, ...this.past]).slice(0, MOST);
  }
}

function newestFirst<T extends { readonly at: number }>(all: T[]): T[] {
  return all.sort((a, b) => b.at - a.at);
}
