import { ofSeveral } from '../words/change-words.js';
import type { Entry } from './activity-entry.js';
import { GROUP_GAP_MS, type Line, lineOf, MIN_GROUP } from './activity-lines.js';

/** A wave that lasts longer is continued by a new one. */
const MAX_WAVE_MS = 60_000;

/** Older waves are dropped. */
const MAX_WAVES = 30;

/** Machines of a cluster that fell silent for a module at the same time, or are accepted by it again. */
interface Wave {
  readonly first: Entry;
  /** Time of the newest entry, in Unix milliseconds. */
  newestAt: number;
  /** The first entry of each machine, by its key. */
  readonly machines: Map<string, Entry>;
}

/**
 * Silence comes in waves: hundreds of machines fall silent, are accepted again and fall silent again, for as long as the cause lasts.
 * It is kept apart from other activity, which it would push out. A machine counts once in a wave, however many registrations of the
 * module are affected.
 */
export class Silences {
  /** Newest first. */
  private waves: Wave[] = [];

  add(entry: Entry): void {
    const { about, at } = entry;
    if (about === null) return;
    const wave = this.waves.find(({ first, newestAt }) => {
      const goesOn = at - newestAt <= GROUP_GAP_MS && at - first.at <= MAX_WAVE_MS;
      return goesOn && first.about?.clusterId === about.clusterId && first.about.predicate === about.predicate;
    });
    if (wave === undefined) {
      const begun = { first: entry, newestAt: at, machines: new Map([[about.key, entry]]) };
      this.waves = [begun, ...this.waves.slice(0, MAX_WAVES - 1)];
      return;
    }
    wave.newestAt = at;
    if (!wave.machines.has(about.key)) wave.machines.set(about.key, entry);
  }

  /** The entries of one machine, newest first: one per wave. */
  of(key: string): Entry[] {
    return this.waves.flatMap(({ machines }) => machines.get(key) ?? []);
  }

  /** A wave has the time of its first entry, so that its line does not move while machines join. */
  get lines(): Line[] {
    return this.waves.flatMap(({ first, machines }) => {
      const { at, kind, about } = first;
      if (about === null || machines.size < MIN_GROUP) return [...machines.values()].map(lineOf);
      return { at, kind, text: ofSeveral(machines.size, about.clusterId, about.predicate), first, key: null };
    });
  }
}
