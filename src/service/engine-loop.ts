import type { Command, LoadCommand, LoadCounts, LoadedMachine, Reply } from '../domain/commands.js';
import type { Effect } from '../domain/effects.js';
import type { Engine } from '../domain/engine.js';
import type { Now } from '../ground/now.js';
import type { Clock } from '../ground/ports.js';
import { type Actor, SYSTEM } from './actor.js';
import { ALONE, type Leadership } from './leadership.js';
import type { Awaitable, CommandLog, Entry, LoggedCommand, Reported } from './log/command-log.js';
import { MemoryCommandLog } from './log/memory-command-log.js';
import type { RegistrationCommand } from './log/registration-command.js';
import { nextTurn, SLICE_MS } from './turns.js';

/** Node's timers hold 31 bits of milliseconds. For a later deadline the timer fires early and is set again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Deadlines that fire between two reads of the clock. */
const DEADLINES_AT_ONCE = 20;

/** How long deadlines may fire before the event loop continues, in milliseconds: a mass timeout must not block the process. */
const DEADLINES_MS = 4;

/** When the log did not take `advance`: milliseconds until the next attempt. */
const RETRY_MS = 250;

/** Rows that are loaded between two reads of the clock. */
const ROWS_AT_ONCE = 20;

const ADVANCE: Command = { type: 'advance', limit: DEADLINES_AT_ONCE };

/** What made the engine act: a command and who asked for it, or (null) time. */
export interface Origin {
  readonly command: Command['type'] | null;
  /** The name of a token. */
  readonly by: string | null;
  /** Why, in the words of the caller. */
  readonly reason: string | null;
  /** The replica that appended the command. */
  readonly replica: string;
}

export type Perform = (effect: Effect, origin: Origin, now: Now) => void;

/** The effects that change nothing that a machine shows: these come with packets, pings and floods, many times a second. */
const UNSEEN: ReadonlySet<Effect['type']> = new Set<Effect['type']>([
  'notify',
  'unclaimed',
  'unknown_source',
  'ping_answered',
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

/**
 * Runs the engine on the command log. Nothing else applies commands, and it owns the timer of the engine.
 * Invariant: the effects of one command are performed before the next command is applied.
 */
export class EngineLoop {
  /** Rises with every change that a machine may show. Packets, pings and floods alone change nothing it shows. */
  machinesVersion = 0;
  /** Applies what happens to a registration. */
  changeRegistration: ((command: RegistrationCommand, entry: Entry) => void) | null = null;
  /** The log of commands was away for so many milliseconds. */
  interrupted: ((ms: number) => void) | null = null;
  /** Takes what calls have reported. */
  reported: ((event: Reported) => void) | null = null;
  private cancelTimer: (() => void) | null = null;
  private armedFor = Number.POSITIVE_INFINITY;
  private entered = false;
  private stopped = false;

  constructor(
    readonly engine: Engine,
    private readonly clock: Clock,
    private readonly perform: Perform,
    private readonly log: CommandLog = new MemoryCommandLog(clock),
    private readonly leadership: Leadership = ALONE,
  ) {
    log.subscribe((entry) => this.take(entry));
  }

  /** Applies the command, performs its effects, and returns what the command asked for. `reason` is in the words of the actor. */
  apply<C extends LoggedCommand>(
    command: C,
    actor: Actor = SYSTEM,
    reason: string | null = null,
  ): Awaitable<C extends Command ? Reply<C> : null> {
    return this.log.append(command, actor.name, reason) as Awaitable<C extends Command ? Reply<C> : null>;
  }

  /** The same for a caller that needs no reply. */
  post(command: LoggedCommand): void {
    this.log.post(command);
  }

  /**
   * Applies a load in parts. Other commands may come in between, and find each machine as before or as in its row; those that add or
   * remove machines must wait until the promise resolves.
   */
  async load({ machines, ...load }: LoadCommand, actor: Actor = SYSTEM): Promise<LoadCounts> {
    const rows = machines[Symbol.iterator]();
    let [isFirst, hasMoreRows] = [true, true];
    let counts: LoadCounts = { added: 0, removed: 0, changed: 0 };
    const next = () => {
      const some: LoadedMachine[] = [];
      while (hasMoreRows && some.length < ROWS_AT_ONCE) {
        const { done, value } = rows.next();
        if (done) hasMoreRows = false;
        else some.push(value);
      }
      const part = { isFirst, hasMoreRows, limit: ROWS_AT_ONCE };
      isFirst = false;
      return this.apply({ ...load, machines: some, part }, actor);
    };
    for (;;) {
      const end = this.clock.now().monotonicMs + SLICE_MS;
      do {
        const reply = next();
        counts = reply instanceof Promise ? await reply : reply;
      } while (this.engine.isLoading && this.clock.now().monotonicMs < end);
      this.arm();
      if (!this.engine.isLoading) return counts;
      await nextTurn();
    }
  }

  /** This replica leads from now on, and so fires the deadlines. */
  lead(): void {
    this.rearm();
  }

  /** The engine got its state from a snapshot. */
  restored(): void {
    this.machinesVersion++;
    this.arm();
  }

  /** Commands still apply; deadlines no longer fire. */
  stop(): void {
    this.stopped = true;
    this.cancelTimer?.();
    this.armedFor = Number.NEGATIVE_INFINITY;
  }

  /** Applies a command of the engine at the place of an entry. */
  applyAt<C extends Command>(command: C, { now, by, reason, replica }: Entry): Reply<C> {
    const { type } = command;
    this.enter(type);
    try {
      const effects: Effect[] = [];
      const reply = this.engine.apply(command, now, effects);
      const isHeard = type === 'receive' || type === 'hear' || type === 'advance';
      if (!isHeard || effects.some(isSeen)) this.machinesVersion++;
      const origin = { command: type === 'advance' ? null : type, by, reason, replica };
      for (const effect of effects) this.perform(effect, origin, now);
      if (movesDeadlines(command)) this.arm();
      return reply;
    } finally {
      this.entered = false;
    }
  }

  private take(entry: Entry): unknown {
    const { command } = entry;
    switch (command.type) {
      case 'registration':
        this.changeRegistration?.(command, entry);
        return null;
      case 'report':
        this.reported?.(command.event);
        return null;
      // Those concern the log itself.
      case 'lead':
      case 'checkpoint':
        return null;
      default:
        if (command.type === 'interruption') this.interrupted?.(command.ms);
        return this.applyAt(command, entry);
    }
  }

  /** Fires deadlines until none is due, or for `DEADLINES_MS`. */
  private advance(): void {
    this.cancelTimer = null;
    this.armedFor = Number.POSITIVE_INFINITY;
    if (!this.leadership.isLeading) return;
    const end = this.clock.now().monotonicMs + DEADLINES_MS;
    let now: number;
    do {
      const reply = this.apply(ADVANCE);
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

  private rearm(): void {
    if (this.stopped) return;
    this.cancelTimer?.();
    this.armedFor = Number.POSITIVE_INFINITY;
    this.arm();
  }

  /** @throws Error if performing an effect calls the engine: that call must wait until all effects are performed */
  private enter(what: string): void {
    if (this.entered) throw new Error(`The engine was called (${what}) while it performed the effects of a command.`);
    this.entered = true;
  }

  /** Does nothing unless the next deadline moved closer: a timer that fires early sets itself again. */
  private arm(): void {
    const next = this.engine.nextDeadline;
    if (next >= this.armedFor || !this.leadership.isLeading) return;
    this.cancelTimer?.();
    this.armedFor = next;
    const delayMs = Math.max(0, next - this.clock.now().monotonicMs);
    this.cancelTimer = this.clock.after(Math.min(delayMs, LONGEST_TIMER_MS), () => this.advance());
  }
}

/** A packet of 2.2 never moves a deadline closer. After a slice the timer is armed once. */
function movesDeadlines(command: Command): boolean {
  if (command.type === 'receive') return command.run.head.clusterId !== null;
  return command.type !== 'advance' && !(command.type === 'load' && command.part !== undefined);
}

function isSeen({ type }: Effect): boolean {
  return !UNSEEN.has(type);
}
