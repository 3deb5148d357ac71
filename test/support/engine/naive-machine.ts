import type { LoadedMachine } from '../../../src/domain/commands.js';
import type { StoredDrain } from '../../../src/domain/drain.js';
import type { Now } from '../../../src/ground/now.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A machine, all in one record. */
export interface NaiveMachine extends Mutable<Omit<LoadedMachine, 'lastAttempt' | 'drain'>> {
  lastAttempt: number;
  drain: (StoredDrain & { endsAt: number | null }) | null;
  enableAt: number | null;
  /** The attempts in progress that still count. */
  attempts: number[];
  unwritten: boolean;
  /** A write is in progress, and the row has not changed since it began. */
  beingWritten: boolean;
}

/** What an operator provisions, and the resolved address. */
export const PROVISIONED = ['clustererId', 'url', 'ip', 'description', 'failedAttempts', 'durationMs'] as const;
/** What the service writes. */
export const STATE_COLUMNS = ['state', 'noTries', 'lastAttempt'] as const;

export function takeStateColumns(machine: NaiveMachine, row: LoadedMachine, sameDisabling: boolean, now: Now): void {
  machine.state = row.state;
  machine.noTries = row.noTries;
  if (sameDisabling) return;
  machine.enableAt = null;
  if (row.state === 'temp_disabled') disableForTheRest(machine, row, now);
  if (row.lastAttempt !== null) machine.lastAttempt = row.lastAttempt;
  else if (row.state === 'temp_disabled') machine.lastAttempt = unixSeconds(now);
}

export function enable(machine: NaiveMachine): void {
  machine.state = 'up';
  machine.noTries = 0;
  machine.enableAt = null;
  machine.drain = null;
}

/** Down with this drain; the same drain keeps its end. */
export function drain(machine: NaiveMachine, kept: StoredDrain, before: NaiveMachine['drain'], now: Now): void {
  const endsAt = kept.until === null ? null : Math.max(now.monotonicMs, now.monotonicMs + kept.until - now.unixMs);
  const same =
    before !== null && (['reason', 'until', 'by', 'since'] as const).every((key) => before[key] === kept[key]);
  const { reason, until, by, since } = kept;
  machine.state = 'down';
  machine.enableAt = null;
  machine.drain = same ? before : { reason, until, by, since, endsAt };
}

export function counts(machine: NaiveMachine, attempt: number): boolean {
  return machine.state === 'up' && machine.attempts.includes(attempt);
}

/** The rest is `last_attempt + duration - now`, at most `duration`; without a rest the machine is up. A time that is not plausible counts as now (S8). */
export function disableForTheRest(machine: NaiveMachine, row: LoadedMachine, now: Now): void {
  const { lastAttempt, durationMs } = row;
  const rest = lastAttempt === null ? durationMs : Math.min(lastAttempt * 1000 + durationMs - now.unixMs, durationMs);
  if (rest > 0) machine.enableAt = now.monotonicMs + rest;
  else enable(machine);
}

export function unixSeconds(now: Now): number {
  return Math.floor(now.unixMs / 1000);
}

type Id = { readonly clusterId: number; readonly machineId: number };
export function sameMachine(a: Id, b: Id): boolean {
  return a.clusterId === b.clusterId && a.machineId === b.machineId;
}

type Address = Pick<LoadedMachine, 'protocol' | 'host' | 'port' | 'ip'>;
/** A host that cannot be resolved has not moved. */
export function sameAddress(a: Address, b: Address): boolean {
  if (a.protocol !== b.protocol || a.host !== b.host || a.port !== b.port) return false;
  return a.ip === null || b.ip === null || a.ip === b.ip;
}
