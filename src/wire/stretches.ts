/** In place of a run, for bytes of none. */
export const NO_RUN = -1;

/**
 * Where packets are gathered, for all connections, because they share the event loop: what was read, and behind it the packets of each run.
 * In one buffer a packet is copied in half the time that it takes from one to another.
 */
let memory = new Uint8Array();

/** Found once: V8 would look it up for each packet, which takes a sixth of the copy. */
const { copyWithin } = Uint8Array.prototype;

/**
 * The stretches of one read: packets of the same run without others between them. Each ends where the next one begins. Numbers in lists that are
 * used again, because an object for each packet would cost more than its bytes.
 */
export class Stretches {
  private readonly starts: number[] = [];
  /** The index of the run that each belongs to. */
  private readonly runs: number[] = [];
  private count = 0;

  /** The next packets belong to this run, or `NO_RUN`. */
  begin(start: number, run: number): void {
    this.starts[this.count] = start;
    this.runs[this.count++] = run;
  }

  /**
   * Ends the last stretch, and starts again. Returns the packets of each run, one after the other: where they are in `read`, or a copy if others
   * lie between. Copies are valid until the next call for any connection.
   * @param runs how many there are; each has a stretch, the first one the first
   */
  take(read: Buffer, end: number, runs: number): Buffer[] {
    const { count, starts } = this;
    this.count = 0;
    starts[count] = end;
    // A stretch for each run, as where a machine sends packets of one module.
    if (count === runs) return Array.from({ length: runs }, (_, i) => read.subarray(starts[i], starts[i + 1]));
    return this.gather(read, count, runs);
  }

  private gather(read: Buffer, count: number, runs: number): Buffer[] {
    const { length } = read;
    if (memory.length < 2 * length) memory = new Uint8Array(2 * length);
    memory.set(read);
    const ends = this.placesOf(count, runs, length);
    for (let i = 0; i < count; i++) {
      const run = this.runs[i] as number;
      if (run === NO_RUN) continue;
      const from = this.starts[i] as number;
      const to = this.starts[i + 1] as number;
      const at = ends[run] as number;
      copyWithin.call(memory, at, from, to);
      ends[run] = at + to - from;
    }
    return ends.map((end, run) => {
      const start = run === 0 ? length : (ends[run - 1] as number);
      return Buffer.from(memory.buffer, start, end - start);
    });
  }

  /** Where the packets of each run go, one run after the other, from `start` on. */
  private placesOf(count: number, runs: number, start: number): number[] {
    const lengths: number[] = [];
    for (let run = 0; run < runs; run++) lengths.push(0);
    for (let i = 0; i < count; i++) {
      const run = this.runs[i] as number;
      if (run !== NO_RUN)
        lengths[run] = (lengths[run] as number) + (this.starts[i + 1] as number) - (this.starts[i] as number);
    }
    const places: number[] = [];
    let at = start;
    for (const length of lengths) {
      places.push(at);
      at += length;
    }
    return places;
  }
}
