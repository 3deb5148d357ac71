import type { Registration } from '../../domain/reception.js';

/** What happened to a received packet, in the words of `GET /modules`; `unclaimed`: no module was registered for it. */
export type PacketResult = 'delivered' | 'dropped' | 'unknown_source' | 'unclaimed';

export interface PacketCount {
  readonly module: string;
  readonly result: PacketResult;
  readonly count: number;
}

/** Modules counted under their own name. Clients choose the names, and each is kept forever. */
const MAX_NAMES = 1_000;

/** The name for all other modules, and for packets that are unclaimed. */
const OTHER = 'other';

type Counts = Pick<Registration, 'packets' | 'dropped' | 'unknownSource'>;

/** Packets by module since the start. A registration counts its own packets; when it ends, its counts are added to its module. */
export class PacketCounts {
  /** Packets that no module was registered for. They are dropped. */
  unclaimed = 0;
  /** Counts of ended registrations. A module is added with its first registration. */
  private readonly endedCounts = new Map<string, Counts>();

  began({ module }: Registration): void {
    const name = this.nameOf(module);
    if (!this.endedCounts.has(name)) this.endedCounts.set(name, { packets: 0, dropped: 0, unknownSource: 0 });
  }

  ended(registration: Registration): void {
    add(this.endedCounts, this.nameOf(registration.module), registration);
  }

  /** The name that a module is counted under: the first thousand have their own. */
  nameOf(module: string): string {
    return this.endedCounts.has(module) || this.endedCounts.size < MAX_NAMES ? module : OTHER;
  }

  /** Counts of every module that was ever registered. @param inForce the registrations that have not ended */
  *all(inForce: Iterable<Registration>): Generator<PacketCount> {
    const totals = new Map(this.endedCounts);
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
