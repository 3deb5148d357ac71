import type { Now } from '../ground/now.js';
import type { Drain } from './drain.js';

export type MachineState = 'up' | 'temp_disabled' | 'down';

/** What an operator may set; `temp_disabled` is reached only by counting failures. */
export type MachineStatus = 'up' | 'down';

/** Who or what changed a state. */
export type Cause =
  | 'send_failed'
  | 'duration_passed'
  | 'operator'
  | 'set_state'
  | 'reload'
  | 'provisioning'
  /** A drain that was kept was brought into force by a load. */
  | 'drain'
  /** The end of a drain has come. */
  | 'drain_end';

/**
 * One row of the clusterer table, with its sending side (docs/semantics.md).
 * Invariants: `enableAt` is a number exactly while `state` is `temp_disabled`; a machine with a `drain` is down.
 */
export interface Machine {
  readonly clustererId: number;
  readonly clusterId: number;
  readonly machineId: number;
  /** As it stands in the table; `protocol`, `host` and `port` are read from it. */
  readonly url: string;
  readonly protocol: string;
  readonly host: string;
  readonly port: number;
  /** Where packets go: the first of `ips`. Null while `host` cannot be resolved. */
  readonly ip: string | null;
  /** All addresses of `host`: where packets may come from. */
  readonly ips: readonly string[];
  readonly description: string | null;
  /** The limit of tries; 0 or less means the machine is never disabled. */
  readonly failedAttempts: number;
  readonly durationMs: number;
  readonly state: MachineState;
  readonly noTries: number;
  /** Unix seconds of the last failed attempt, 0 for never. */
  readonly lastAttempt: number;
  /** Monotonic milliseconds. */
  readonly enableAt: number | null;
  readonly drain: Drain | null;
}

/** One failed attempt (S2): only the attempt that reaches the limit disables. `machine` is up. */
export function failAttempt(machine: Machine, now: Now): Machine {
  const noTries = machine.noTries + 1;
  const tried = { ...machine, noTries, lastAttempt: Math.floor(now.unixMs / 1000) };
  const limitReached = machine.failedAttempts > 0 && noTries >= machine.failedAttempts;
  if (!limitReached) return tried;
  return { ...tried, state: 'temp_disabled', enableAt: now.monotonicMs + machine.durationMs };
}

/** A send that succeeded (S3). */
export function clearTries(machine: Machine): Machine {
  return machine.noTries === 0 ? machine : { ...machine, noTries: 0 };
}

/** Up again, by an operator or because the duration or a drain has passed; `lastAttempt` stays as the record of what happened. */
export function enable(machine: Machine): Machine {
  return { ...machine, state: 'up', noTries: 0, enableAt: null, drain: null };
}

/** Down for good, and no drain: only a command lifts it (S4). */
export function disable(machine: Machine): Machine {
  return { ...machine, state: 'down', enableAt: null, drain: null };
}

/** Down until the drain ends. */
export function drained(machine: Machine, drain: Drain): Machine {
  return { ...disable(machine), drain };
}

/** Monotonic milliseconds at which the machine comes up by itself; Infinity for never. */
export function comesUpAt({ enableAt, drain }: Machine): number {
  return enableAt ?? drain?.endsAt ?? Number.POSITIVE_INFINITY;
}

/** What truly remains of a temporary disabling, in whole seconds rounded up; 0 in every other state. */
export function secondsUntilEnabling(machine: Machine, now: Now): number {
  if (machine.enableAt === null) return 0;
  return Math.max(0, Math.ceil((machine.enableAt - now.monotonicMs) / 1000));
}

/** Whether packets for or from the machine go another way than before; a lookup that failed is no other way. */
export function sameAddress(a: Machine, b: Machine): boolean {
  const sameUrl = a.protocol === b.protocol && a.host === b.host && a.port === b.port;
  return sameUrl && (a.ip === b.ip || a.ip === null || b.ip === null);
}

export function sameIps(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((ip, index) => ip === b[index]);
}
