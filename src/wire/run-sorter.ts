import type { Dialect, PacketHead } from './dialects/dialect.js';
import type { FrameRun } from './frame-run.js';
import { NO_RUN, Stretches } from './stretches.js';

/** Runs that a frame is compared with. A connection carries a few modules of one machine; more are no mistake, but each is a run. */
const OPEN_LIMIT = 8;

/** A run that grows. */
interface GrowingRun {
  /** Its place among the runs of this read. */
  readonly index: number;
  readonly head: PacketHead;
  count: number;
  /** Where its first frame in this read is. */
  readonly start: number;
  readonly end: number;
  /** A frame before that, in memory of its own. */
  readonly before: Buffer | null;
}

/** A frame that began in the read before. */
interface Held {
  readonly head: PacketHead;
  readonly frame: Buffer;
}

/**
 * Sorts the frames of one read into runs. Packets of the same module keep their order, whatever machine they are of: a new run ends
 * the older ones of its module.
 */
export class RunSorter {
  private runs: GrowingRun[] = [];
  private readonly stretches = new Stretches();
  /** The runs that take more frames. */
  private open: GrowingRun[] = [];
  /** Index in `runs` of the run that took the last frame. Numbers, because to store an object for each packet would cost more than the rest. */
  private last = NO_RUN;
  /** The same in `open`. */
  private latest = 0;
  /** For each index in `open`: the index that took the frame after it the last time. A guess that may be out of date. */
  private readonly followers: number[] = new Array(OPEN_LIMIT).fill(0);
  private held: Held | null = null;

  /** @param onTooShort a frame ends before its head does; it belongs to no run */
  constructor(
    private readonly dialect: Dialect,
    private readonly onTooShort: () => void,
  ) {}

  /** Adds a whole frame in memory of its own, before all others of this read. */
  addHeld(frame: Buffer): void {
    const head = this.dialect.decode(frame);
    if (head === 'too_short') this.onTooShort();
    else this.held = { head, frame };
  }

  /**
   * Adds the plain frames from `start` on. Returns where the first one begins that is not whole or not plain (`Dialect.plainLength`). All frames
   * until `take` are in the same `read`, of which `view` is a view.
   */
  addPlain(read: Buffer, view: DataView, start: number): number {
    const { dialect } = this;
    const { length: readLength } = read;
    let at = start;
    for (;;) {
      const length = dialect.plainLength(view, at, readLength);
      const end = at + length;
      if (length === 0 || end > readLength) return at;
      this.add(read, view, at, end);
      at = end;
    }
  }

  /** Adds a whole frame. */
  add(read: Buffer, view: DataView, start: number, end: number): void {
    // Begins with the run that came next the last time, since senders repeat their order.
    const guess = this.followers[this.latest] as number;
    const run = this.open[guess];
    if (run === undefined || !this.takes(run, view, start, end)) {
      this.addToOther(read, view, start, end);
      return;
    }
    this.grow(run, guess, start);
  }

  /** Returns the runs, in the order of their first frames, and starts again. `end` is where the last frame ends. */
  take(read: Buffer, end: number): readonly FrameRun[] {
    const { dialect, held, runs } = this;
    const frames = this.stretches.take(read, end, runs.length);
    const sorted: FrameRun[] = [];
    if (held !== null) sorted.push({ dialect, head: held.head, count: 1, pieces: [held.frame] });
    for (const { head, count, before, index } of runs) {
      const piece = frames[index] as Buffer;
      sorted.push({ dialect, head, count, pieces: before === null ? [piece] : [before, piece] });
    }
    this.held = null;
    this.runs = [];
    this.open = [];
    this.last = NO_RUN;
    return sorted;
  }

  private addToOther(read: Buffer, view: DataView, start: number, end: number): void {
    let index = 0;
    let run = this.open[index];
    while (run !== undefined && !this.takes(run, view, start, end)) run = this.open[++index];
    if (run === undefined) {
      this.begin(read, start, end);
      return;
    }
    this.followers[this.latest] = index;
    this.grow(run, index, start);
  }

  /** @param index of the run in `open` */
  private grow(run: GrowingRun, index: number, start: number): void {
    this.latest = index;
    run.count++;
    if (run.index !== this.last) this.turnTo(run.index, start);
  }

  private takes(run: GrowingRun, view: DataView, start: number, end: number): boolean {
    return this.dialect.sameOrigin(view, run.start, run.end, start, end);
  }

  /** @param index of the run in `runs` */
  private turnTo(index: number, start: number): void {
    this.last = index;
    this.stretches.begin(start, index);
  }

  private begin(read: Buffer, start: number, end: number): void {
    const { dialect, runs } = this;
    const head = dialect.decode(read.subarray(start, end));
    if (head === 'too_short') {
      this.onTooShort();
      this.turnTo(NO_RUN, start);
      return;
    }
    this.closeRunsOf(head);
    const first = this.takeHeldFor(head);
    const before = first?.frame ?? null;
    const run = { index: runs.length, head: first?.head ?? head, count: first === null ? 1 : 2, start, end, before };
    runs.push(run);
    if (!dialect.isAlone(head)) this.latest = this.open.push(run) - 1;
    this.turnTo(run.index, start);
  }

  /** The held frame, if it can begin the first run of its module. */
  private takeHeldFor(head: PacketHead): Held | null {
    const { held } = this;
    if (held === null || !haveSameOrigin(held.head, head) || this.dialect.isAlone(head)) return null;
    if (this.runs.some((run) => run.head.module === head.module)) return null;
    this.held = null;
    return held;
  }

  private closeRunsOf({ module }: PacketHead): void {
    if (this.open.some(({ head }) => head.module === module)) {
      this.open = this.open.filter(({ head }) => head.module !== module);
    }
    if (this.open.length === OPEN_LIMIT) this.open.shift();
  }
}

function haveSameOrigin(one: PacketHead, other: PacketHead): boolean {
  if (one.module !== other.module || one.machineId !== other.machineId) return false;
  return one.clusterId === other.clusterId && one.destination === other.destination;
}
