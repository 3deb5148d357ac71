import type { FleetFields, Machine } from './machine.js';

/** Compares what an operator provisions, and the resolved address. */
export function sameRecord(a: Machine, b: Machine): boolean {
  return (
    a.clustererId === b.clustererId &&
    a.url === b.url &&
    a.ip === b.ip &&
    a.description === b.description &&
    a.failedAttempts === b.failedAttempts &&
    a.durationMs === b.durationMs &&
    sameFleet(a.fleet, b.fleet)
  );
}

/** Compares the addresses; a host that cannot be resolved has not changed its address (S9). */
export function sameAddress(a: Machine, b: Machine): boolean {
  const sameUrl = a.protocol === b.protocol && a.host === b.host && a.port === b.port;
  return sameUrl && (a.ip === b.ip || a.ip === null || b.ip === null);
}

/** Compares what the row keeps of `state`, `noTries` and `lastAttempt`. */
export function sameStored(
  machine: Pick<Machine, 'state' | 'noTries' | 'lastAttempt' | 'keepsAttempts'>,
  other: Pick<LoadedState, 'state' | 'noTries' | 'lastAttempt'>,
): boolean {
  if (!machine.keepsAttempts) return (machine.state === 'down') === (other.state === 'down');
  return (
    machine.state === other.state && machine.noTries === other.noTries && machine.lastAttempt === other.lastAttempt
  );
}

/** The state columns of a row; `lastAttempt` is null if it is not a plausible time. */
interface LoadedState extends Pick<Machine, 'state' | 'noTries'> {
  readonly lastAttempt: number | null;
}

export function sameFleet(a: FleetFields | null, b: FleetFields | null): boolean {
  return a?.priority === b?.priority && a?.sipAddress === b?.sipAddress;
}

export function sameIps(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((ip, index) => ip === b[index]);
}
