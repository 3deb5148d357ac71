import type { Command } from '../domain/commands.js';
import type { Effect } from '../domain/effects.js';
import type { Engine } from '../domain/engine.js';
import type { Now } from '../ground/now.js';
import type { Clock } from '../ground/ports.js';

/** Node's timers hold 31 bits of milliseconds; a deadline beyond is looked at again when the timer comes round. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Deadlines that take their turn before it is looked how long that took. */
const TURNS_AT_ONCE = 20;

/** How long deadlines take their turn before the event loop gets its own, in milliseconds: a mass time-out must not stall the process. */
const TURNS_MS = 4;

/** What made the engine act: a command, with who asked for it where that is known; null for the passing of time. */
export interface Origin {
  readonly command: Command['type'] | null;
  /** The name of a token. */
  readonly by: string | null;
  /** Why, in the words of who asked. */
  readonly reason: string | null;
}

const TIME: Origin = { command: null, by: null, reason: null };

/**
 * Runs the engine on the real clock: the only place that applies commands, and the owner of the one timer.
 * Invariant: the effects of one command are all performed before the next command is applied.
 */
export class EngineLoop {
  /** Rises with all that may change what a machine shows; packets alone change nothing of it. */
  machinesVersion = 0;
  private cancelTimer: (() => void) | null = null;
  private armedFor = Number.POSITIVE_INFINITY;
  private entered = false;

  constructor(
    readonly engine: Engine,
    private readonly clock: Clock,
    private readonly perform: (effect: Effect, origin: Origin, now: Now) => void,
  ) {}

  /** Applies, performs what follows, and answers it too. `by` names who asked for it, and `reason` says why, where that is known. */
  apply(command: Command, by: string | null = null, reason: string | null = null): Effect[] {
    this.enter(command.type);
    try {
      const now = this.clock.now();
      const effects = this.engine.apply(command, now);
      if (command.type !== 'receive' || effects.some(({ type }) => type === 'reception')) this.machinesVersion++;
      const origin: Origin = { command: command.type, by, reason };
      for (const effect of effects) this.perform(effect, origin, now);
      this.arm();
      return effects;
    } finally {
      this.entered = false;
    }
  }

  /** Commands are still applied, but no deadline takes its turn any more. */
  stop(): void {
    this.cancelTimer?.();
    this.armedFor = Number.NEGATIVE_INFINITY;
  }

  private advance(): void {
    this.cancelTimer = null;
    this.armedFor = Number.POSITIVE_INFINITY;
    this.machinesVersion++;
    const began = this.clock.now();
    let now = began;
    this.enter('advance');
    try {
      do {
        for (const effect of this.engine.advance(now, TURNS_AT_ONCE)) this.perform(effect, TIME, now);
        now = this.clock.now();
      } while (this.engine.nextDeadline <= now.monotonicMs && now.monotonicMs - began.monotonicMs < TURNS_MS);
      this.arm();
    } finally {
      this.entered = false;
    }
  }

  /** @throws where an effect led back to the engine: what it asks for must wait until all effects are performed. */
  private enter(what: string): void {
    if (this.entered) throw new Error(`The engine was asked for ${what} while the effects of a command are performed.`);
    this.entered = true;
  }

  /** A timer that is early only looks and re-arms; so nothing is done unless the next deadline came nearer. */
  private arm(): void {
    const next = this.engine.nextDeadline;
    if (next >= this.armedFor) return;
    this.cancelTimer?.();
    this.armedFor = next;
    const delayMs = Math.max(0, next - this.clock.now().monotonicMs);
    this.cancelTimer = this.clock.after(Math.min(delayMs, LONGEST_TIMER_MS), () => this.advance());
  }
}
