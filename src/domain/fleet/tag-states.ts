import type { TagState } from './tag.js';

/** The most tags of a cluster. Daemons have a few. */
const MOST_TAGS = 256;

/** What the machines of a cluster have announced of one tag. */
interface Told {
  readonly states: Map<number, TagState>;
  /** Unix milliseconds of the last announcement. */
  since: number | null;
}

/** What each machine is for each tag, learned from announcements and from what this service has sent (G1). */
export class TagStates {
  private readonly told = new Map<string, Told>();

  get names(): Iterable<string> {
    return this.told.keys();
  }

  of(tag: string, machineId: number): TagState {
    return this.told.get(tag)?.states.get(machineId) ?? 'unknown';
  }

  /** The last machine that announced that it is active, and is. */
  activeIn(tag: string): number | null {
    for (const [machineId, state] of this.told.get(tag)?.states ?? []) if (state === 'active') return machineId;
    return null;
  }

  sinceOf(tag: string): number | null {
    return this.told.get(tag)?.since ?? null;
  }

  /** Returns whether the machine was not active before, or null for one tag too many. */
  announced(tag: string, machineId: number, unixMs: number): boolean | null {
    const told = this.told.get(tag) ?? { states: new Map<number, TagState>(), since: null };
    if (!this.told.has(tag) && this.told.size >= MOST_TAGS) return null;
    this.told.set(tag, told);
    const isNew = told.states.get(machineId) !== 'active';
    if (isNew) told.since = unixMs;
    // The newest is the first.
    const others = [...told.states].filter(([other]) => other !== machineId);
    told.states.clear();
    told.states.set(machineId, 'active');
    for (const [other, state] of others) told.states.set(other, state);
    return isNew;
  }

  /** The machine was told that another one is active. */
  demoted(tag: string, machineId: number): void {
    const told = this.told.get(tag) ?? { states: new Map<number, TagState>(), since: null };
    this.told.set(tag, told);
    told.states.set(machineId, 'backup');
  }

  /** Nothing is known of the machine any more. Returns the tags for which it was active. */
  lose(machineId: number): string[] {
    const lost: string[] = [];
    for (const [tag, { states }] of this.told) {
      if (states.get(machineId) === 'active') lost.push(tag);
      states.delete(machineId);
    }
    return lost;
  }
}
