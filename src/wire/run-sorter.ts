import type { Dialect, PacketHead } from './dialects/dialect.js';
import type { FrameRun } from './frame-run.js';

/** Runs that a frame is compared with. A connection carries a few modules of one machine; more are no mistake, but each is a run. */
const OPEN_LIMIT = 8;

/** A run that grows. */
interface GrowingRun extends FrameRun {
  count: number;
  byteLength: number;
  readonly stretches: number[];
  /** Where the first frame ends. */
  readonly firstEnd: number;
}

/**
 * Sorts the frames of one read into runs. Packets of the same module keep their order, whatever machine they are of: a new run ends
 * the older ones of its module.
 */
export class RunSorter {
  private runs: GrowingRun[] = [];
  /** The runs that take more frames. */
  private open: GrowingRun[] = [];
  /** Index in `open` of the run that took the last frame. */
  private latest = 0;
  /** For each index in `open`: the index that took the frame after it the last time. A guess that may be out of date. */
  private readonly followers: number[] = new Array(OPEN_LIMIT).fill(0);

  /** @param onTooShort a frame ends before its head does; it belongs to no run */
  constructor(
    private readonly dialect: Dialect,
    private readonly onTooShort: () => void,
  ) {}

  /** Adds a whole frame. All frames until `take` are in the same `read`, of which `view` is a view. */
  add(read: Buffer, view: DataView, start: number, end: number): void {
    const run = this.find(view, start, end);
    if (run === undefined) {
      this.begin(read, start, end);
      return;
    }
    const { stretches } = run;
    const lastEnd = stretches.length - 1;
    if (stretches[lastEnd] === start) stretches[lastEnd] = end;
    else stretches.push(start, end);
    run.count++;
    run.byteLength += end - start;
  }

  /** Returns the runs, in the order of their first frames, and starts again. */
  take(): readonly FrameRun[] {
    const { runs } = this;
    this.runs = [];
    this.open = [];
    return runs;
  }

  /** Begins with the run that came next the last time, since senders repeat their order. */
  private find(view: DataView, start: number, end: number): GrowingRun | undefined {
    const { open, followers } = this;
    const guess = followers[this.latest] as number;
    const run = open[guess];
    if (run === undefined || !this.takes(run, view, start, end)) return this.findOther(view, start, end);
    this.latest = guess;
    return run;
  }

  private findOther(view: DataView, start: number, end: number): GrowingRun | undefined {
    const index = this.open.findIndex((run) => this.takes(run, view, start, end));
    if (index === -1) return undefined;
    this.followers[this.latest] = index;
    this.latest = index;
    return this.open[index];
  }

  private takes({ stretches, firstEnd }: GrowingRun, view: DataView, start: number, end: number): boolean {
    return this.dialect.sameOrigin(view, stretches[0] as number, firstEnd, start, end);
  }

  private begin(read: Buffer, start: number, end: number): void {
    const { dialect } = this;
    const head = dialect.decode(read.subarray(start, end));
    if (head === 'too_short') {
      this.onTooShort();
      return;
    }
    this.closeRunsOf(head);
    const stretches = [start, end];
    const run = { dialect, head, count: 1, byteLength: end - start, read, stretches, firstEnd: end };
    this.runs.push(run);
    if (!dialect.isAlone(head)) this.latest = this.open.push(run) - 1;
  }

  private closeRunsOf({ module }: PacketHead): void {
    if (this.open.some(({ head }) => head.module === module)) {
      this.open = this.open.filter(({ head }) => head.module !== module);
    }
    if (this.open.length === OPEN_LIMIT) this.open.shift();
  }
}
