import type { Now } from '../ground/now.js';
import type { LoadedMachine } from './commands.js';
import { type Drain, resumeDrain } from './drain.js';
import { drained, enable, type Machine } from './machine.js';
import { sameAddress, sameFleet, sameIps, sameStored } from './machine-comparison.js';

/** The machine of a row that was not in memory (S8). */
export function firstLoaded(row: LoadedMachine, now: Now): Machine {
  return withDrainOf(row, null, fromTable(row, now), now);
}

function fromTable(row: LoadedMachine, now: Now): Machine {
  const lastAttempt = row.lastAttempt ?? Math.floor(now.unixMs / 1000);
  const machine = recordOf(row, lastAttempt);
  if (row.state !== 'temp_disabled') return machine;
  const passedMs = row.lastAttempt === null ? 0 : Math.max(0, now.unixMs - row.lastAttempt * 1000);
  const rest = row.durationMs - passedMs;
  // Over: a reload must not disable a machine that has come up.
  if (rest <= 0) return enable(machine);
  return { ...machine, enableAt: now.monotonicMs + rest };
}

/** Field by field, so that all records have one hidden class in V8. Rows differ in theirs, and spread copies would make each read slower. */
function recordOf(row: LoadedMachine, lastAttempt: number): Machine {
  return {
    clustererId: row.clustererId,
    clusterId: row.clusterId,
    machineId: row.machineId,
    url: row.url,
    protocol: row.protocol,
    host: row.host,
    port: row.port,
    ip: row.ip,
    ips: row.ips,
    description: row.description,
    failedAttempts: row.failedAttempts,
    durationMs: row.durationMs,
    state: row.state,
    noTries: row.noTries,
    lastAttempt,
    enableAt: null,
    drain: null,
    fleet: row.fleet,
    keepsAttempts: row.keepsAttempts,
  };
}

/**
 * The machine of a row that is in memory. With `keepState` the state columns of the memory win, otherwise those of the table (S7).
 * A row that does not keep attempts leaves them to the memory while it agrees on enabled or disabled (S12).
 * A changed address clears tries and a temporary disabling (S9).
 */
export function reloaded(before: Machine, row: LoadedMachine, keepState: boolean, now: Now): Machine {
  // What is equal is the same object, so that an unchanged machine compares as equal.
  const ips = sameIps(before.ips, row.ips) ? before.ips : row.ips;
  const fleet = sameFleet(before.fleet, row.fleet) ? before.fleet : row.fleet;
  const keeps = keepState || (!row.keepsAttempts && before.drain === null && sameStored(before, row));
  const merged = { ...(keeps ? withStateOf(before, row, now) : tableState(before, row, now)), ips, fleet };
  return withDrainOf(row, before.drain, sameAddress(before, merged) ? merged : atNewAddress(merged), now);
}

function atNewAddress(machine: Machine): Machine {
  return machine.state === 'temp_disabled' ? enable(machine) : { ...machine, noTries: 0 };
}

/** The stored drain of a row is in force, whatever the state in the table or in memory. */
function withDrainOf(row: LoadedMachine, before: Drain | null, machine: Machine, now: Now): Machine {
  return row.drain === null ? machine : drained(machine, resumeDrain(row.drain, before, now));
}

/** A disabling that did not change keeps its deadline, so a jump of the wall clock does not move it (S8). */
function tableState(before: Machine, row: LoadedMachine, now: Now): Machine {
  const sameAttempt = row.lastAttempt === null || row.lastAttempt === before.lastAttempt;
  const sameDisabling = row.state === 'temp_disabled' && before.state === 'temp_disabled' && sameAttempt;
  if (sameDisabling) return { ...withStateOf(before, row, now), noTries: row.noTries };
  if (row.lastAttempt === null && row.state !== 'temp_disabled') {
    return { ...fromTable(row, now), lastAttempt: before.lastAttempt };
  }
  return fromTable(row, now);
}

/** A new duration counts from the start of the disabling. */
function withStateOf(before: Machine, row: LoadedMachine, now: Now): Machine {
  const { state, noTries, lastAttempt } = before;
  const began = before.enableAt === null ? null : before.enableAt - before.durationMs;
  const enableAt = began === null ? null : Math.max(now.monotonicMs, began + row.durationMs);
  return { ...row, state, noTries, lastAttempt, enableAt, drain: null };
}
