import type { Now } from '../ground/now.js';
import type { LoadedMachine } from './commands.js';
import { type Drain, resumeDrain } from './drain.js';
import { drained, enable, type Machine, sameAddress, sameIps } from './machine.js';

/**
 * A row that was not in memory before. The rest of a disabling is `last_attempt + duration - now`, held between 0 and
 * `duration`; a `last_attempt` that is no sane time counts as now (S8).
 */
export function firstLoaded(row: LoadedMachine, now: Now): Machine {
  return withDrainOf(row, null, fromTable(row, now), now);
}

function fromTable(row: LoadedMachine, now: Now): Machine {
  const lastAttempt = row.lastAttempt ?? Math.floor(now.unixMs / 1000);
  const machine = recordOf(row, lastAttempt);
  if (row.state !== 'temp_disabled') return machine;
  const passedMs = row.lastAttempt === null ? 0 : Math.max(0, now.unixMs - row.lastAttempt * 1000);
  const rest = row.durationMs - passedMs;
  // One that has run out is over: a reload must not disable again what has come back since.
  if (rest <= 0) return enable(machine);
  return { ...machine, enableAt: now.monotonicMs + rest };
}

/** Field by field, so that all records have one shape: what copies of rows have differs, and every look at one then asks which. */
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
  };
}

/**
 * A row that is in memory already. With `keepState` the memory's three state columns win, otherwise the table's
 * (S7). A changed address clears tries and a temporary disabling (S9).
 */
export function reloaded(before: Machine, row: LoadedMachine, keepState: boolean, now: Now): Machine {
  // The same addresses are the same object, so that a machine can be seen to be as it was.
  const ips = sameIps(before.ips, row.ips) ? before.ips : row.ips;
  const merged = { ...(keepState ? withStateOf(before, row, now) : tableState(before, row, now)), ips };
  return withDrainOf(row, before.drain, sameAddress(before, merged) ? merged : atNewAddress(merged), now);
}

function atNewAddress(machine: Machine): Machine {
  return machine.state === 'temp_disabled' ? enable(machine) : { ...machine, noTries: 0 };
}

/** A drain that is kept for the row is in force, whatever state the table or the memory has. */
function withDrainOf(row: LoadedMachine, before: Drain | null, machine: Machine, now: Now): Machine {
  return row.drain === null ? machine : drained(machine, resumeDrain(row.drain, before, now));
}

/** The same disabling as before keeps its deadline, so that a jump of the wall clock moves nothing (S8). */
function tableState(before: Machine, row: LoadedMachine, now: Now): Machine {
  const sameAttempt = row.lastAttempt === null || row.lastAttempt === before.lastAttempt;
  const sameDisabling = row.state === 'temp_disabled' && before.state === 'temp_disabled' && sameAttempt;
  if (sameDisabling) return { ...withStateOf(before, row, now), noTries: row.noTries };
  if (row.lastAttempt === null && row.state !== 'temp_disabled') {
    return { ...fromTable(row, now), lastAttempt: before.lastAttempt };
  }
  return fromTable(row, now);
}

/** A new duration counts from when the disabling began. */
function withStateOf(before: Machine, row: LoadedMachine, now: Now): Machine {
  const { state, noTries, lastAttempt } = before;
  const begun = before.enableAt === null ? null : before.enableAt - before.durationMs;
  const enableAt = begun === null ? null : Math.max(now.monotonicMs, begun + row.durationMs);
  return { ...row, state, noTries, lastAttempt, enableAt, drain: null };
}
