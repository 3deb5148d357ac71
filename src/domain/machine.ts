import type { Now } from '../ground/now.js';
import type { Drain } from './drain.js';

export type MachineState = 'up' | 'temp_disabled' | 'down';

/** What an operator may set; only failed attempts lead to `temp_disabled`. */
export type MachineStatus = 'up' | 'down';

/** What changed a state. */
export type Cause =
  | 'send_failed'
  | 'duration_passed'
  | 'operator'
  | 'set_state'
  | 'reload'
  | 'provisioning'
  /** A load brought a stored drain. */
  | 'drain'
  /** A drain reached its end. */
  | 'drain_end'
  /** Dialect 2.4: pings stayed unanswered (L4). */
  | 'ping_failed'
  /** Dialect 2.4: a machine answered again. */
  | 'link_up';

/** What dialect 2.4 adds to a machine. */
export interface FleetFields {
  /** Which machine relays for others: the lower, the sooner. */
  readonly priority: number;
  readonly sipAddress: string | null;
}

/**
 * One row of the clusterer table, with its sending side.
 * Invariants: `enableAt` is a number exactly while `state` is `temp_disabled`, and a machine with a `drain` is `down`.
 */
export interface Machine {
  readonly clustererId: number;
  readonly clusterId: number;
  readonly machineId: number;
  /** As in the table; `protocol`, `host` and `port` are parsed from it. */
  readonly url: string;
  readonly protocol: string;
  readonly host: string;
  readonly port: number;
  /** Where packets go: the first of `ips`; null while `host` has no address. */
  readonly ip: string | null;
  /** All addresses of `host`: where packets may come from (R5). */
  readonly ips: readonly string[];
  readonly description: string | null;
  /** The limit of `noTries`; 0 or less means that the machine is never disabled (S2). */
  readonly failedAttempts: number;
  readonly durationMs: number;
  readonly state: MachineState;
  readonly noTries: number;
  /** Unix seconds of the last failed attempt; 0 for never. */
  readonly lastAttempt: number;
  /** Monotonic milliseconds. */
  readonly enableAt: number | null;
  readonly drain: Drain | null;
  /** Null in a cluster of dialect 2.2. */
  readonly fleet: FleetFields | null;
  /** Whether the row keeps tries and a temporary disabling. Otherwise they are in memory only, and the row says enabled or disabled (S12). */
  readonly keepsAttempts: boolean;
}

/** One failed attempt of a machine that is up; the one that reaches the limit disables it (S2). */
export function failAttempt(machine: Machine, now: Now): Machine {
  const noTries = machine.noTries + 1;
  const tried = { ...machine, noTries, lastAttempt: Math.floor(now.unixMs / 1000) };
  const limitReached = machine.failedAttempts > 0 && noTries >= machine.failedAttempts;
  if (!limitReached) return tried;
  return { ...tried, state: 'temp_disabled', enableAt: now.monotonicMs + machine.durationMs };
}

/** A ping stayed unanswered; `unanswered` in succession (L4). */
export function pingUnanswered(machine: Machine, unanswered: number, now: Now): Machine {
  return { ...machine, noTries: unanswered, lastAttempt: Math.floor(now.unixMs / 1000) };
}

/** The limit of unanswered pings is reached: only an answer enables it. `askedAt`: monotonic milliseconds of the next ping (L4). */
export function pingsUnanswered(machine: Machine, askedAt: number): Machine {
  return { ...machine, state: 'temp_disabled', enableAt: askedAt };
}

/** A successful send (S3). */
export function clearTries(machine: Machine): Machine {
  return machine.noTries === 0 ? machine : { ...machine, noTries: 0 };
}

/** Up, set by an operator or at the end of a duration or drain. `lastAttempt` stays as a record. */
export function enable(machine: Machine): Machine {
  return { ...machine, state: 'up', noTries: 0, enableAt: null, drain: null };
}

/** Down without a drain: only a command changes it (S4). */
export function disable(machine: Machine): Machine {
  return { ...machine, state: 'down', enableAt: null, drain: null };
}

/** Down with a drain. */
export function drained(machine: Machine, drain: Drain): Machine {
  return { ...disable(machine), drain };
}

/** Monotonic milliseconds at which the machine comes up without a command; Infinity for never. */
export function comesUpAt({ enableAt, drain, fleet }: Machine): number {
  // In dialect 2.4 a machine comes up when it answers.
  const enabledAt = fleet === null ? enableAt : null;
  return enabledAt ?? drain?.endsAt ?? Number.POSITIVE_INFINITY;
}

/** The rest of a temporary disabling in seconds, rounded up; 0 in other states. */
export function secondsUntilEnabling(machine: Machine, now: Now): number {
  if (machine.enableAt === null) return 0;
  return Math.max(0, Math.ceil((machine.enableAt - now.monotonicMs) / 1000));
}

/** The row id of machines without a row. */
export const NO_ROW = 0;

/** Whether a machine has no row: its fleet told of it (J3). */
export function isLearned({ clustererId }: Pick<Machine, 'clustererId'>): boolean {
  return clustererId === NO_ROW;
}
