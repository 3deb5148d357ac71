import type { Command, LoadCommand, LoadCounts, LoadedMachine, Reply } from '../domain/commands.js';
import type { Effect } from '../domain/effects.js';
import type { Engine } from '../domain/engine.js';
import type { Now } from '../ground/now.js';
import type { Clock } from '../ground/ports.js';
import { type Actor, SYSTEM } from './actor.js';
import { DeadlineTimer } from './deadline-timer.js';
import { ALONE, type Leadership } from './leadership.js';
import type { Awaitable, CommandLog, Entry, LoggedCommand, Reported } from './log/command-log.js';
import { MemoryCommandLog } from './log/memory-command-log.js';
import type { RegistrationCommand } from './log/registration-command.js';
import { isSeen } from './seen-effects.js';
import { nextTurn, SLICE_MS } from './turns.js';

/** Rows that are loaded between two reads of the clock. */
const ROWS_AT_ONCE = 20;

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

/**
 * Runs the engine on the command log. Nothing else applies commands.
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
  private entered = false;
  private readonly timer: DeadlineTimer;

  constructor(
    readonly engine: Engine,
    private readonly clock: Clock,
    private readonly perform: Perform,
    private readonly log: CommandLog = new MemoryCommandLog(clock),
    leadership: Leadership = ALONE,
  ) {
    this.timer = new DeadlineTimer(engine, clock, leadership, (command) => this.apply(command));
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
      this.timer.arm();
      if (!this.engine.isLoading) return counts;
      await nextTurn();
    }
  }

  /** This replica leads from now on, and so fires the deadlines. */
  lead(): void {
    this.timer.rearm();
  }

  /** The engine got its state from a snapshot. */
  restored(): void {
    this.machinesVersion++;
    this.timer.arm();
  }

  /** Commands still apply; deadlines no longer fire. */
  stop(): void {
    this.timer.stop();
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
      if (movesDeadlines(command)) this.timer.arm();
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

  /** @throws Error if performing an effect calls the engine: that call must wait until all effects are performed */
  private enter(what: string): void {
    if (this.entered) throw new Error(`The engine was called (${what}) while it performed the effects of a command.`);
    this.entered = true;
  }
}

/** A packet of 2.2 never moves a deadline closer. After a slice the timer is armed once. */
function movesDeadlines(command: Command): boolean {
  if (command.type === 'receive') return command.run.head.clusterId !== null;
  return command.type !== 'advance' && !(command.type === 'load' && command.part !== undefined);
}
