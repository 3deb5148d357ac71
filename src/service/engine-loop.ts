import type { Command, LoadCommand, LoadCounts, Reply } from '../domain/commands.js';
import type { Effect } from '../domain/effects.js';
import type { Engine } from '../domain/engine.js';
import type { Now } from '../ground/now.js';
import type { Clock } from '../ground/ports.js';
import { type Actor, SYSTEM } from './actor.js';
import { nextTurn, SLICE_MS } from './turns.js';

/** Node's timers hold 31 bits of milliseconds. For a later deadline the timer fires early and is set again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Deadlines that fire between two reads of the clock. */
const DEADLINES_AT_ONCE = 20;

/** How long deadlines may fire before the event loop continues, in milliseconds: a mass timeout must not block the process. */
const DEADLINES_MS = 4;

/** Rows that are loaded between two reads of the clock. */
const ROWS_AT_ONCE = 20;

/** What made the engine act: a command and who asked for it, or (null) time. */
export interface Origin {
  readonly command: Command['type'] | null;
  /** The name of a token. */
  readonly by: string | null;
  /** Why, in the words of the caller. */
  readonly reason: string | null;
}

/** The effects that change nothing that a machine shows: these come with packets, pings and floods, many times a second. */
const UNSEEN: ReadonlySet<Effect['type']> = new Set<Effect['type']>([
  'notify',
  'unclaimed',
  'unknown_source',
  'transmit',
  'relay',
  'forward',
  'fault',
  'topology',
  'message',
  'join_unanswered',
  'sequence_reserved',
  'tag',
  'tag_wish',
  'sync_started',
  'sync_packet',
  'sync_ended',
  'sync_released',
]);

const TIME: Origin = { command: null, by: null, reason: null };

/**
 * Runs the engine on the real clock. Nothing else applies commands, and it owns the only timer.
 * Invariant: the effects of one command are performed before the next command is applied.
 */
export class EngineLoop {
  /** Rises with every change that a machine may show. Packets, pings and floods alone change nothing it shows. */
  machinesVersion = 0;
  private cancelTimer: (() => void) | null = null;
  private armedFor = Number.POSITIVE_INFINITY;
  private entered = false;

  constructor(
    readonly engine: Engine,
    private readonly clock: Clock,
    private readonly perform: (effect: Effect, origin: Origin, now: Now) => void,
  ) {}

  /** Applies the command, performs its effects, and returns what the command asked for. `reason` is in the words of the actor. */
  apply<C extends Command>(command: C, actor: Actor = SYSTEM, reason: string | null = null): Reply<C> {
    this.enter(command.type);
    try {
      const now = this.clock.now();
      const effects: Effect[] = [];
      const reply = this.engine.apply(command, now, effects);
      const isHeard = command.type === 'receive' || command.type === 'hear';
      if (!isHeard || effects.some(isSeen)) this.machinesVersion++;
      this.performAll(effects, { command: command.type, by: actor.name, reason }, now);
      // A packet of 2.2 never moves a deadline closer.
      if (command.type !== 'receive' || command.run.head.clusterId !== null) this.arm();
      return reply;
    } finally {
      this.entered = false;
    }
  }

  /**
   * Applies a load in slices. Other commands may come in between, and find each machine as before or as in its row; those that add or
   * remove machines must wait until the promise resolves.
   */
  async load(command: LoadCommand, actor: Actor = SYSTEM): Promise<LoadCounts> {
    const load = this.engine.beginLoad(command);
    const origin: Origin = { command: command.type, by: actor.name, reason: null };
    const step = (now: Now, effects: Effect[]) => load.step(ROWS_AT_ONCE, now, effects);
    while (this.slice(command.type, origin, SLICE_MS, step)) await nextTurn();
    return load.counts;
  }

  /** Commands still apply; deadlines no longer fire. */
  stop(): void {
    this.cancelTimer?.();
    this.armedFor = Number.NEGATIVE_INFINITY;
  }

  private advance(): void {
    this.cancelTimer = null;
    this.armedFor = Number.POSITIVE_INFINITY;
    this.slice('advance', TIME, DEADLINES_MS, (now, effects) => {
      this.engine.advance(now, effects, DEADLINES_AT_ONCE);
      return this.engine.nextDeadline <= now.monotonicMs;
    });
  }

  /** Takes steps until nothing is left, or for `ms` milliseconds. A step returns whether something is left, and so does this. */
  private slice(what: string, origin: Origin, ms: number, step: (now: Now, effects: Effect[]) => boolean): boolean {
    this.enter(what);
    try {
      const began = this.clock.now();
      let now = began;
      let left: boolean;
      do {
        const effects: Effect[] = [];
        left = step(now, effects);
        if (what !== 'advance' || effects.some(isSeen)) this.machinesVersion++;
        this.performAll(effects, origin, now);
        now = this.clock.now();
      } while (left && now.monotonicMs - began.monotonicMs < ms);
      this.arm();
      return left;
    } finally {
      this.entered = false;
    }
  }

  private performAll(effects: readonly Effect[], origin: Origin, now: Now): void {
    for (const effect of effects) this.perform(effect, origin, now);
  }

  /** @throws Error if performing an effect calls the engine: that call must wait until all effects are performed */
  private enter(what: string): void {
    if (this.entered) throw new Error(`The engine was called (${what}) while it performed the effects of a command.`);
    this.entered = true;
  }

  /** Does nothing unless the next deadline moved closer: a timer that fires early sets itself again. */
  private arm(): void {
    const next = this.engine.nextDeadline;
    if (next >= this.armedFor) return;
    this.cancelTimer?.();
    this.armedFor = next;
    const delayMs = Math.max(0, next - this.clock.now().monotonicMs);
    this.cancelTimer = this.clock.after(Math.min(delayMs, LONGEST_TIMER_MS), () => this.advance());
  }
}

function isSeen({ type }: Effect): boolean {
  return !UNSEEN.has(type);
}
