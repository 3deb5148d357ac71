import type { MachineCell } from './table.js';

/**
 * The watches of one registration, each at its machine's place in the cluster. What a packet refreshes lies in arrays by place: of a
 * million watches, a look at one is some misses of the cache, and almost no packet has to look. A `Map` of each registration's own
 * would cost two or three more, where all registrations look a machine up in the one of their cluster.
 */
export class Watches<Watch extends { readonly cell: MachineCell }> {
  private readonly byPlace: (Watch | undefined)[] = [];
  /** Monotonic milliseconds; NaN where there is no watch, which compares as false. */
  private readonly lastPacketAt: number[] = [];
  private readonly packets: number[] = [];
  /** From a packet to the first whole millisecond that is longer after it than the time-out. */
  private readonly silentAfterMs: number;
  private count = 0;

  /** @param timeoutMs 0: nobody is ever silent. */
  constructor(timeoutMs: number) {
    this.silentAfterMs = timeoutMs === 0 ? Number.POSITIVE_INFINITY : timeoutMs + 1;
  }

  get size(): number {
    return this.count;
  }

  /** When the machine that has been silent longest was last heard, in monotonic milliseconds; Infinity without any. */
  get oldestPacketAt(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const at of this.lastPacketAt) if (at < oldest) oldest = at;
    return oldest;
  }

  of({ place }: MachineCell): Watch | undefined {
    return this.byPlace[place];
  }

  /** When a machine is silent that sends no more, in monotonic milliseconds; Infinity for never, NaN where it is not watched. */
  silentAt({ place }: MachineCell): number {
    return (this.lastPacketAt[place] ?? Number.NaN) + this.silentAfterMs;
  }

  /** Packets have come from a machine that is received from. Nothing where it is not watched. */
  refresh(cell: MachineCell, packets: number, nowMs: number): void {
    if (Number.isNaN(this.lastPacketAtOf(cell))) return;
    this.lastPacketAt[cell.place] = nowMs;
    this.packets[cell.place] = this.packetsOf(cell) + packets;
  }

  lastPacketAtOf({ place }: MachineCell): number {
    return this.lastPacketAt[place] ?? Number.NaN;
  }

  packetsOf({ place }: MachineCell): number {
    return this.packets[place] ?? 0;
  }

  /** In no order that means something. */
  *[Symbol.iterator](): Generator<Watch> {
    for (const watch of this.byPlace) if (watch !== undefined) yield watch;
  }

  /** Its machine has none yet, and counts as heard now. */
  add(watch: Watch, nowMs: number): void {
    const { place } = watch.cell;
    // Without holes, which V8 would look for at each read.
    while (this.byPlace.length <= place) {
      this.byPlace.push(undefined);
      this.lastPacketAt.push(Number.NaN);
      this.packets.push(0);
    }
    this.byPlace[place] = watch;
    this.lastPacketAt[place] = nowMs;
    this.packets[place] = 0;
    this.count++;
  }

  delete({ cell: { place } }: Watch): void {
    this.byPlace[place] = undefined;
    this.lastPacketAt[place] = Number.NaN;
    this.packets[place] = 0;
    this.count--;
  }
}
