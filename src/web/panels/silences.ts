import { ofSeveral } from '../words/change-words.js';
import type { Entry } from './activity-entry.js';
import { type Line, lineOf, MANY, TOGETHER_MS } from './activity-lines.js';

/** A wave that goes on for longer than this continues as another one. */
const LONGEST_MS = 60_000;

/** Older waves go. */
const MOST = 30;

/** Machines of a cluster that fell silent for a module together, or to which it listens again. */
interface Wave {
  readonly first: Entry;
  /** When the newest of them came, in unix milliseconds. */
  newestAt: number;
  /** What was said first of each machine, by its key. */
  readonly machines: Map<string, Entry>;
}

/**
 * Silence comes in waves, and comes again as long as it lasts: hundreds of machines fall silent, are listened to again and fall silent.
 * It is kept apart from all else that happened, so that it pushes nothing else out. A machine counts once in a wave, for however many
 * registrations of the module it is silent.
 */
export class Silences {
  /** Newest first. */
  private waves: Wave[] = [];

  add(entry: Entry): void {
    const { about, at } = entry;
    if (about === null) return;
    const wave = this.waves.find(({ first, newestAt }) => {
      const goesOn = at - newestAt <= TOGETHER_MS && at - first.at <= LONGEST_MS;
      return goesOn && first.about?.clusterId === about.clusterId && first.about.predicate === about.predicate;
    });
    if (wave === undefined) {
      const begun = { first: entry, newestAt: at, machines: new Map([[about.key, entry]]) };
      this.waves = [begun, ...this.waves.slice(0, MOST - 1)];
      return;
    }
    wave.newestAt = at;
    if (!wave.machines.has(about.key)) wave.machines.set(about.key, entry);
  }

  /** Each wave once, newest first. */
  of(key: string): Entry[] {
    return this.waves.flatMap(({ machines }) => machines.get(key) ?? []);
  }

  /** A wave stands where it began, so that lines stay in place while machines join it. */
  get lines(): Line[] {
    return this.waves.flatMap(({ first, machines }) => {
      const { at, kind, about } = first;
      if (about === null || machines.size < MANY) return [...machines.values()].map(lineOf);
      return { at, kind, text: ofSeveral(machines.size, about.clusterId, about.predicate), first, key: null };
    });
  }
}
