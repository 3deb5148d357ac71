import type { Registration } from '../../domain/reception.js';

/** What became of a packet that came in, in the words of `GET /modules`; `unclaimed`: nobody was registered for it. */
export type PacketResult = 'delivered' | 'dropped' | 'unknown_source' | 'unclaimed';

export interface PacketCount {
  readonly module: string;
  readonly result: PacketResult;
  readonly count: number;
}

/** Modules counted under their own name; clients choose names, and each is kept for ever. */
const MOST_NAMED = 1_000;

/** Stands for the modules beyond these, and for those that nobody registered. */
export const OTHER = 'other';

type Counts = Pick<Registration, 'packets' | 'dropped' | 'unknownSource'>;

/** The packets of modules since the start. A registration counts its own; when it ends, its counts go to its module. */
export class PacketCounts {
  /** Packets that nobody is registered for; dropped. */
  unclaimed = 0;
  /** Counts of registrations that have ended. A module is in here from its first registration on. */
  private readonly ended = new Map<string, Counts>();

  began({ module }: Registration): void {
    const name = this.nameOf(module);
    if (!this.ended.has(name)) this.ended.set(name, { packets: 0, dropped: 0, unknownSource: 0 });
  }

  finished(registration: Registration): void {
    add(this.ended, this.nameOf(registration.module), registration);
  }

  /** The name under which a module is counted: the first thousand have their own. */
  nameOf(module: string): string {
    return this.ended.has(module) || this.ended.size < MOST_NAMED ? module : OTHER;
  }

  /** Every module that was ever registered. `inForce` are the registrations that have not ended. */
  *all(inForce: Iterable<Registration>): Generator<PacketCount> {
    const totals = new Map(this.ended);
    for (const registration of inForce) add(totals, this.nameOf(registration.module), registration);
    for (const [module, { packets, dropped, unknownSource }] of totals) {
      yield { module, result: 'delivered', count: packets };
      yield { module, result: 'dropped', count: dropped };
      yield { module, result: 'unknown_source', count: unknownSource };
    }
    yield { module: OTHER, result: 'unclaimed', count: this.unclaimed };
  }
}

function add(totals: Map<string, Counts>, module: string, more: Counts): void {
  const { packets = 0, dropped = 0, unknownSource = 0 } = totals.get(module) ?? {};
  totals.set(module, {
    packets: packets + more.packets,
    dropped: dropped + more.dropped,
    unknownSource: unknownSource + more.unknownSource,
  });
}
