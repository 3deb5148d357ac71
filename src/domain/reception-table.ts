import type { MachineCell } from './table.js';

/**
 * The receptions of one registration, by the place of each machine in its cluster. What a packet refreshes is in arrays, and almost
 * no packet reads the reception itself: with a million receptions each read is a cache miss. A `Map` for each registration would
 * add two or three misses; this way all registrations share the lookup of the machine in its cluster.
 */
export class ReceptionTable<Entry extends { readonly cell: MachineCell }> {
  private readonly byPlace: (Entry | undefined)[] = [];
  /** Monotonic milliseconds; NaN if there is no reception, so that every comparison is false. */
  private readonly lastPacketAt: number[] = [];
  private readonly packets: number[] = [];
  /** From a packet to the first whole millisecond that exceeds the timeout (R2). */
  private readonly silentAfterMs: number;
  private count = 0;

  /** @param timeoutMs 0: no machine is ever silent */
  constructor(timeoutMs: number) {
    this.silentAfterMs = timeoutMs === 0 ? Number.POSITIVE_INFINITY : timeoutMs + 1;
  }

  get size(): number {
    return this.count;
  }

  /** Monotonic milliseconds of the last packet of the machine that has been silent longest; Infinity if the table is empty. */
  get oldestPacketAt(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const at of this.lastPacketAt) if (at < oldest) oldest = at;
    return oldest;
  }

  of({ place }: MachineCell): Entry | undefined {
    return this.byPlace[place];
  }

  /** Monotonic milliseconds at which the machine is silent unless it sends; Infinity for never, NaN without a reception. */
  silentAt({ place }: MachineCell): number {
    return (this.lastPacketAt[place] ?? Number.NaN) + this.silentAfterMs;
  }

  /** Counts packets that were received. Does nothing without a reception. */
  refresh(cell: MachineCell, packets: number, nowMs: number): void {
    if (Number.isNaN(this.lastPacketAtOf(cell))) return;
    this.lastPacketAt[cell.place] = nowMs;
    this.packets[cell.place] = this.packetsOf(cell) + packets;
  }

  /** All last packets came later by that. */
  postpone(ms: number): void {
    for (const [place, at] of this.lastPacketAt.entries()) this.lastPacketAt[place] = at + ms;
  }

  lastPacketAtOf({ place }: MachineCell): number {
    return this.lastPacketAt[place] ?? Number.NaN;
  }

  packetsOf({ place }: MachineCell): number {
    return this.packets[place] ?? 0;
  }

  /** In no particular order. */
  *[Symbol.iterator](): Generator<Entry> {
    for (const entry of this.byPlace) if (entry !== undefined) yield entry;
  }

  /** Its machine must not have one yet. The last packet is now (R1). */
  add(entry: Entry, nowMs: number): void {
    const { place } = entry.cell;
    // No holes: V8 would check for them at each read.
    while (this.byPlace.length <= place) {
      this.byPlace.push(undefined);
      this.lastPacketAt.push(Number.NaN);
      this.packets.push(0);
    }
    this.byPlace[place] = entry;
    this.lastPacketAt[place] = nowMs;
    this.packets[place] = 0;
    this.count++;
  }

  delete({ cell: { place } }: Entry): void {
    this.byPlace[place] = undefined;
    this.lastPacketAt[place] = Number.NaN;
    this.packets[place] = 0;
    this.count--;
  }
}
