import type { Watch } from './reception.js';
import type { MachineCell } from './table.js';

/**
 * The watches of one registration, each at its machine's place in the cluster. A `Map` of each registration's own would cost every
 * packet two or three more misses of the cache, where all registrations look a machine up in the one of their cluster.
 */
export class Watches {
  private readonly byPlace: (Watch | undefined)[] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  of(cell: MachineCell): Watch | undefined {
    return this.byPlace[cell.place];
  }

  /** In no order that means something. */
  *[Symbol.iterator](): Generator<Watch> {
    for (const watch of this.byPlace) if (watch !== undefined) yield watch;
  }

  /** Its machine has none yet. */
  add(watch: Watch): void {
    const { place } = watch.cell;
    // Without holes, which V8 would look for at each read.
    while (this.byPlace.length <= place) this.byPlace.push(undefined);
    this.byPlace[place] = watch;
    this.count++;
  }

  delete(watch: Watch): void {
    this.byPlace[watch.cell.place] = undefined;
    this.count--;
  }
}
