/** How long jobs may run before the event loop continues, in milliseconds. */
const SLICE_MS = 1;

/** Runs jobs in order, as many in one turn of the event loop as fit into a millisecond: one packet may go to ten thousand machines. */
export class PacedJobs {
  private jobs: (() => void)[] = [];
  private next = 0;
  private scheduled = false;

  /** The job runs in a later turn, or at the next `work`. */
  add(job: () => void): void {
    this.jobs.push(job);
    this.schedule();
  }

  /** Runs jobs for a millisecond, and the rest in later turns. */
  work(): void {
    const began = performance.now();
    while (this.next < this.jobs.length && performance.now() - began < SLICE_MS) this.jobs[this.next++]?.();
    if (this.next < this.jobs.length) {
      this.schedule();
      return;
    }
    this.jobs = [];
    this.next = 0;
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.work();
    });
  }
}
