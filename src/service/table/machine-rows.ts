import type { DialectOf } from '../../domain/cluster-dialect.js';
import type { LoadedMachine } from '../../domain/commands.js';
import type { StoredDrain } from '../../domain/drain.js';
import { DEFAULT_PRIORITY } from '../../domain/fleet/member.js';
import type { MachineState } from '../../domain/machine.js';
import type { Now } from '../../ground/now.js';
import type { Clock } from '../../ground/ports.js';
import { LARGEST_ID, MACHINE_STATES } from '../../schemas/values.js';
import type { DialectId } from '../../wire/dialects/dialect-id.js';
import { parseMachineUrl } from '../../wire/machine-url.js';
import type { MachineRow, RowProblem } from '../ports/machine-store.js';
import { inTurns } from '../turns.js';

/** States as numbers, in the table and in MI. */
export const STATE_NUMBERS: Readonly<Record<MachineState, number>> = { down: 0, up: 1, temp_disabled: 2 };

/** A `last_attempt` further in the future is not plausible; less can be the clock of another writer. */
const MAX_AHEAD_SECONDS = 86_400;

const STATES = new Map(MACHINE_STATES.map((state) => [STATE_NUMBERS[state], state]));

/** A row whose addresses and drain are filled in later, in place: copies of ten thousand rows take a tenth of a second. */
export interface ReadMachine extends Omit<LoadedMachine, 'ip' | 'ips' | 'drain'> {
  ip: string | null;
  ips: readonly string[];
  drain: StoredDrain | null;
}

export interface ReadRows {
  readonly machines: ReadMachine[];
  /** Rows that cannot be loaded, with their first faulty field. */
  readonly skipped: RowProblem[];
  /** Rows that were loaded although a field is faulty. Never the own row: its `last_attempt` means nothing. */
  readonly repaired: RowProblem[];
  /** The number of rows in clusters that this service is not a member of. */
  readonly elsewhere: number;
  /** The clusters of dialect 2.4 among those, by ascending id. */
  readonly memberless: readonly number[];
}

/**
 * Returns the rows that concern this service: with a server id, and for dialect 2.4, only the clusters that have an own row. Of two rows for one
 * machine it takes the lower `clusterer_id`. A faulty row is skipped, and all others load. The event loop turns in between.
 * @param rows by ascending `clustererId`
 */
export async function readRows(
  rows: readonly MachineRow[],
  serverId: number,
  clock: Clock,
  dialectOf: DialectOf = () => '2.2',
): Promise<ReadRows> {
  const reader = new RowReader(rows, serverId, clock.now(), dialectOf);
  await inTurns(rows, clock, (row) => reader.take(row));
  const { machines, skipped, repaired, elsewhere, memberless } = reader;
  return { machines, skipped, repaired, elsewhere, memberless: [...memberless].sort((a, b) => a - b) };
}

/** Reads the rows one after another. */
class RowReader {
  readonly machines: ReadMachine[] = [];
  readonly skipped: RowProblem[] = [];
  readonly repaired: RowProblem[] = [];
  /** Clusters of dialect 2.4 without an own row. */
  readonly memberless = new Set<number>();
  elsewhere = 0;
  /** The clusters with an own row. */
  private readonly own: ReadonlySet<number>;
  /** The row of each machine, by cluster and machine. */
  private readonly seen = new Map<number, Map<number, number>>();

  constructor(
    rows: readonly MachineRow[],
    private readonly serverId: number,
    private readonly now: Now,
    private readonly dialectOf: DialectOf,
  ) {
    this.own = new Set(rows.filter((row) => row.machineId === serverId).map((row) => row.clusterId));
  }

  take(row: MachineRow): void {
    const { clustererId, clusterId, machineId } = row;
    const dialect = this.dialectOf(clusterId);
    // An observer cannot take part in a cluster of dialect 2.4.
    if ((this.serverId > 0 || dialect === '2.4') && !this.own.has(clusterId)) {
      if (dialect === '2.4') this.memberless.add(clusterId);
      this.elsewhere++;
      return;
    }
    const read = readMachine(row, this.now, dialect);
    if ('fault' in read) {
      this.skipped.push({ clustererId, ...read.fault });
      return;
    }
    const first = this.firstRowOf(row);
    if (first !== clustererId) {
      this.skipped.push({ clustererId, field: 'machine_id', reason: `duplicate of row ${first}` });
      return;
    }
    if (read.machine.lastAttempt === null && machineId !== this.serverId) {
      const reason = `${row.lastAttempt} is not a plausible timestamp; using the current time`;
      this.repaired.push({ clustererId, field: 'last_attempt', reason });
    }
    this.machines.push(read.machine);
  }

  /** Returns the `clustererId` of the first row for this machine. */
  private firstRowOf({ clustererId, clusterId, machineId }: MachineRow): number {
    const ofCluster = this.seen.get(clusterId) ?? new Map<number, number>();
    this.seen.set(clusterId, ofCluster);
    const first = ofCluster.get(machineId) ?? clustererId;
    ofCluster.set(machineId, first);
    return first;
  }
}

type RowFault = { readonly fault: { readonly field: string; readonly reason: string } };

/** Returns the machine of a row, or its first faulty field. */
export function readMachine(
  row: MachineRow,
  now: Now,
  dialect: DialectId = '2.2',
): { readonly machine: ReadMachine } | RowFault {
  if (!isId(row.clusterId)) return fault('cluster_id', row.clusterId, `an id is 1 to ${LARGEST_ID}`);
  if (!isId(row.machineId)) return fault('machine_id', row.machineId, `an id is 1 to ${LARGEST_ID}`);
  const state = STATES.get(row.state);
  if (state === undefined) return fault('state', row.state, 'a state is 0, 1 or 2');
  const url = parseMachineUrl(row.url);
  if ('fault' in url) return fault('url', row.url, url.fault);
  const { clustererId, clusterId, machineId, description, failedAttempts, noTries } = row;
  const { priority = DEFAULT_PRIORITY, sipAddress = null } = row;
  // Only OpenSIPS 2.2 writes attempts, and only in its own table.
  const keepsAttempts = dialect === '2.2' && row.priority === undefined;
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
    state: keepsAttempts || state === 'down' ? state : 'up',
    noTries: keepsAttempts ? noTries : 0,
    lastAttempt: keepsAttempts ? plausible(row.lastAttempt, now) : 0,
    drain: null,
    fleet: dialect === '2.4' ? { priority, sipAddress } : null,
    keepsAttempts,
  };
  return { machine };
}

function fault(field: string, value: string | number, reason: string): RowFault {
  return { fault: { field, reason: `${JSON.stringify(value)}: ${reason}` } };
}

function isId(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= LARGEST_ID;
}

function plausible(unixSeconds: number, now: Now): number | null {
  const latest = now.unixMs / 1000 + MAX_AHEAD_SECONDS;
  return Number.isInteger(unixSeconds) && unixSeconds >= 0 && unixSeconds <= latest ? unixSeconds : null;
}
