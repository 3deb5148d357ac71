import type { Family } from '../wire/cluster/family.js';
import type { StoredDrain } from './drain.js';
import type { FloodKind } from './fleet/sequences.js';
import type { TagWish } from './fleet/tag.js';

/** What an earlier process knew of one cluster of dialect 2.4 (F2, F4, G3, S10). */
export interface Remembered {
  readonly sequences: ReadonlyMap<FloodKind, number>;
  readonly families: ReadonlyMap<number, Family>;
  readonly wishes: ReadonlyMap<string, TagWish>;
  /** The drains of machines that have no row, by machine. */
  readonly drains: ReadonlyMap<number, StoredDrain>;
}

/** The same, with what this process has learned. */
export class Memory implements Remembered {
  readonly sequences: Map<FloodKind, number>;
  readonly families: Map<number, Family>;
  readonly wishes: Map<string, TagWish>;
  /** Those of machines that are not in the table. A machine that is learned takes its drain out. */
  readonly drains: Map<number, StoredDrain>;

  constructor(remembered: Partial<Remembered> = {}) {
    this.sequences = new Map(remembered.sequences);
    this.families = new Map(remembered.families);
    this.wishes = new Map(remembered.wishes);
    this.drains = new Map(remembered.drains);
  }
}
