import type { LoadedMachine } from '../../domain/commands.js';
import type { KeptDrain } from '../../domain/drain.js';
import type { MachineState } from '../../domain/machine.js';
import type { Now } from '../../ground/now.js';
import { LARGEST_ID } from '../../schemas/common.js';
import { MACHINE_STATES } from '../../schemas/machine.js';
import { parseMachineUrl } from '../../wire/machine-url.js';
import type { MachineRow, RowProblem } from '../ports.js';

/** How the table and MI spell a state. */
export const STATE_NUMBERS: Readonly<Record<MachineState, number>> = { down: 0, up: 1, temp_disabled: 2 };

/** How far the clock of whoever wrote the row may be ahead of ours before its time is no sane time. */
const SANE_AHEAD_SECONDS = 86_400;

/** How the table spells states. */
const STATES = new Map(MACHINE_STATES.map((state) => [STATE_NUMBERS[state], state]));

/** A row whose address, and what is kept beside the table, are still to be filled in: copies of ten thousand take a tenth of a second. */
export interface ReadMachine extends Omit<LoadedMachine, 'ip' | 'ips' | 'drain'> {
  ip: string | null;
  ips: readonly string[];
  drain: KeptDrain | null;
}

export interface ReadRows {
  readonly machines: ReadMachine[];
  /** Rows that were left out, with the first field that cannot be used. */
  readonly skipped: RowProblem[];
  /** Rows that were loaded although a field cannot be used as it stands; never the own row, of which that field means nothing. */
  readonly repaired: RowProblem[];
  /** How many rows are of clusters that this service is not in. */
  readonly elsewhere: number;
}

/**
 * What of the table concerns this service: with a server id only the clusters that hold an own row; of two rows for one
 * machine the lowest `clusterer_id`. A bad row is named and left out, all others load.
 * @param rows by ascending `clustererId`
 */
export function readRows(rows: readonly MachineRow[], serverId: number, now: Now): ReadRows {
  const own = new Set(rows.filter((row) => row.machineId === serverId).map((row) => row.clusterId));
  const seen = new Map<number, Map<number, number>>();
  const machines: ReadMachine[] = [];
  const skipped: RowProblem[] = [];
  const repaired: RowProblem[] = [];
  let elsewhere = 0;
  for (const row of rows) {
    if (serverId > 0 && !own.has(row.clusterId)) {
      elsewhere++;
      continue;
    }
    const { clustererId } = row;
    const read = readRow(row, now);
    if ('fault' in read) {
      skipped.push({ clustererId, ...read.fault });
      continue;
    }
    const ofCluster = seen.get(row.clusterId) ?? new Map<number, number>();
    seen.set(row.clusterId, ofCluster);
    const first = ofCluster.get(row.machineId);
    if (first !== undefined) {
      skipped.push({ clustererId, field: 'machine_id', reason: `row ${first} is the same machine already` });
      continue;
    }
    ofCluster.set(row.machineId, clustererId);
    if (read.machine.lastAttempt === null && row.machineId !== serverId) {
      const reason = `${row.lastAttempt} is no sane time; it counts as now`;
      repaired.push({ clustererId, field: 'last_attempt', reason });
    }
    machines.push(read.machine);
  }
  return { machines, skipped, repaired, elsewhere };
}

type RowFault = { readonly fault: { readonly field: string; readonly reason: string } };

/** One row, read; or the first field that is wrong. */
export function readRow(row: MachineRow, now: Now): { readonly machine: ReadMachine } | RowFault {
  if (!isId(row.clusterId)) return fault('cluster_id', row.clusterId, `an id is 1 to ${LARGEST_ID}`);
  if (!isId(row.machineId)) return fault('machine_id', row.machineId, `an id is 1 to ${LARGEST_ID}`);
  const state = STATES.get(row.state);
  if (state === undefined) return fault('state', row.state, 'a state is 0, 1 or 2');
  const url = parseMachineUrl(row.url);
  if ('fault' in url) return fault('url', row.url, url.fault);
  const { clustererId, clusterId, machineId, description, failedAttempts, noTries } = row;
  const machine: ReadMachine = {
    clustererId,
    clusterId,
    machineId,
    url: row.url,
    protocol: url.protocol,
    host: url.host,
    port: url.port,
    ip: null,
    ips: [],
    description,
    failedAttempts,
    durationMs: row.duration * 1000,
    state,
    noTries,
    lastAttempt: isSaneTime(row.lastAttempt, now) ? row.lastAttempt : null,
    drain: null,
  };
  return { machine };
}

function fault(field: string, value: string | number, reason: string): RowFault {
  return { fault: { field, reason: `${JSON.stringify(value)}: ${reason}` } };
}

function isId(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= LARGEST_ID;
}

function isSaneTime(unixSeconds: number, now: Now): boolean {
  return (
    Number.isInteger(unixSeconds) && unixSeconds >= 0 && unixSeconds * 1000 <= now.unixMs + SANE_AHEAD_SECONDS * 1000
  );
}
