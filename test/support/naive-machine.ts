import type { LoadedMachine } from '../../src/domain/commands.js';
import type { Now } from '../../src/domain/now.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A row in memory, all in one record. */
export interface NaiveMachine extends Mutable<Omit<LoadedMachine, 'lastAttempt'>> {
  lastAttempt: number;
  enableAt: number | null;
  /** The attempts under way that would still count. */
  attempts: number[];
  unwritten: boolean;
  /** A write is under way, and the row has not changed since it began. */
  beingWritten: boolean;
}

/** What an operator provisions, and the address it leads to. */
export const PROVISIONED = ['clustererId', 'url', 'ip', 'description', 'failedAttempts', 'durationMs'] as const;
/** What the service itself writes. */
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
}

export function counts(machine: NaiveMachine, attempt: number): boolean {
  return machine.state === 'up' && machine.attempts.includes(attempt);
}

/** The rest is `last_attempt + duration - now`, no longer than `duration`; when there is none the machine is up. No sane time counts as now. */
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

/** A host that cannot be resolved is where it was. */
export function sameAddress(a: Omit<LoadedMachine, 'lastAttempt'>, b: Omit<LoadedMachine, 'lastAttempt'>): boolean {
  if (a.protocol !== b.protocol || a.host !== b.host || a.port !== b.port) return false;
  return a.ip === null || b.ip === null || a.ip === b.ip;
}
