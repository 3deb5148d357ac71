import type { Machine } from './messages.js';

/** A change of the link to a machine. */
export interface LinkChange {
  /** Unix milliseconds. */
  readonly at: number;
  readonly to: NonNullable<Machine['link']>;
}

/** Older changes of a machine are dropped. */
const MOST = 10;

/** The changes of each link: those since the page was opened, and before that those of the history. By machine key. */
export class LinkLog {
  private readonly changes = new Map<string, readonly LinkChange[]>();

  /** Takes the history, newest first, which replaces what was known. */
  begin(past: readonly (LinkChange & { readonly key: string })[]): void {
    this.changes.clear();
    for (const { key, at, to } of past.toReversed()) this.add(key, { at, to });
  }

  add(key: string, change: LinkChange): void {
    this.changes.set(key, [change, ...this.of(key)].slice(0, MOST));
  }

  /** Newest first. */
  of(key: string): readonly LinkChange[] {
    return this.changes.get(key) ?? [];
  }
}
