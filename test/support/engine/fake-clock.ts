import type { Now } from '../../../src/ground/now.js';
import type { Clock } from '../../../src/ground/ports.js';

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
}

/** A clock that moves only when the test advances it. Both clocks start at a round number. */
export class FakeClock implements Clock {
  /** The delays passed to `after`, in milliseconds. */
  readonly delays: number[] = [];
  private monotonicMs = 1_000_000;
  private unixMs = 1_800_000_000_000;
  private readonly timers = new Set<Timer>();

  now(): Now {
    return { monotonicMs: this.monotonicMs, unixMs: this.unixMs };
  }

  after(delayMs: number, run: () => void): () => void {
    this.delays.push(delayMs);
    const timer = { dueAt: this.monotonicMs + delayMs, run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Advances both clocks. Timers that are due run in order, each at its own instant. */
  advance(ms: number): void {
    const end = this.monotonicMs + ms;
    for (let next = this.earliest(end); next !== undefined; next = this.earliest(end)) {
      this.spend(Math.max(0, next.dueAt - this.monotonicMs));
      this.timers.delete(next);
      next.run();
    }
    this.spend(Math.max(0, end - this.monotonicMs));
  }

  /** The time that some work takes: no timer runs. */
  spend(ms: number): void {
    this.monotonicMs += ms;
    this.unixMs += ms;
  }

  /** Moves the wall clock forward or back; no time passes. */
  jumpWall(ms: number): void {
    this.unixMs += ms;
  }

  private earliest(end: number): Timer | undefined {
    const due = [...this.timers].filter((timer) => timer.dueAt <= end);
    return due.reduce<Timer | undefined>(
      (first, timer) => (first && first.dueAt <= timer.dueAt ? first : timer),
      undefined,
    );
  }
}
