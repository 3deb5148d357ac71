import type { Command } from '../domain/commands.js';
import type { Engine } from '../domain/engine.js';
import type { Clock } from '../ground/ports.js';
import type { Leadership } from './leadership.js';

/** Node's timers hold 31 bits of milliseconds. For a later deadline the timer fires early and is set again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Deadlines that fire between two reads of the clock. */
const DEADLINES_AT_ONCE = 20;

/** How long deadlines may fire before the event loop continues, in milliseconds: a mass timeout must not block the process. */
const DEADLINES_MS = 4;

/** When the log did not take `advance`: milliseconds until the next attempt. */
const RETRY_MS = 250;

const ADVANCE: Command = { type: 'advance', limit: DEADLINES_AT_ONCE };

/** The one timer of the engine: it appends `advance` at the next deadline, while this process leads. */
export class DeadlineTimer {
  private cancelTimer: (() => void) | null = null;
  private armedFor = Number.POSITIVE_INFINITY;
  private isStopped = false;

  /** @param append appends a command to the log. Returns a promise when it is not applied at once */
  constructor(
    private readonly engine: Engine,
    private readonly clock: Clock,
    private readonly leadership: Leadership,
    private readonly append: (command: Command) => unknown,
  ) {}

  /** Does nothing unless the next deadline moved closer: a timer that fires early sets itself again. */
  arm(): void {
    const next = this.engine.nextDeadline;
    if (next >= this.armedFor || !this.leadership.isLeading) return;
    this.cancelTimer?.();
    this.armedFor = next;
    const delayMs = Math.max(0, next - this.clock.now().monotonicMs);
    this.cancelTimer = this.clock.after(Math.min(delayMs, LONGEST_TIMER_MS), () => this.fire());
  }

  rearm(): void {
    if (this.isStopped) return;
    this.cancelTimer?.();
    this.armedFor = Number.POSITIVE_INFINITY;
    this.arm();
  }

  stop(): void {
    this.isStopped = true;
    this.cancelTimer?.();
    this.armedFor = Number.NEGATIVE_INFINITY;
  }

  /** Fires deadlines until none is due, or for `DEADLINES_MS`. */
  private fire(): void {
    this.cancelTimer = null;
    this.armedFor = Number.POSITIVE_INFINITY;
    if (!this.leadership.isLeading) return;
    const end = this.clock.now().monotonicMs + DEADLINES_MS;
    let now: number;
    do {
      const reply = this.append(ADVANCE);
      if (reply instanceof Promise) {
        this.armAfter(reply);
        return;
      }
      now = this.clock.now().monotonicMs;
    } while (this.engine.nextDeadline <= now && now < end);
    this.arm();
  }

  /** Until the command is applied, its deadlines are still due. */
  private armAfter(applied: Promise<unknown>): void {
    this.armedFor = Number.NEGATIVE_INFINITY;
    const retry = () => {
      this.cancelTimer = this.clock.after(RETRY_MS, () => this.rearm());
    };
    applied.then(() => this.rearm(), retry);
  }
}
