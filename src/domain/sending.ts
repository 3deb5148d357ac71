import type { LoadedMachine } from './commands.js';
import type { Deadlines } from './deadlines.js';
import type { Effect } from './effects.js';
import { firstLoaded, reloaded } from './loading.js';
import {
  type Cause,
  clearTries,
  disable,
  enable,
  failAttempt,
  type Machine,
  type MachineStatus,
  sameAddress,
} from './machine.js';
import type { Now } from './now.js';
import type { Watch } from './reception.js';
import { type Cluster, type ClusterTable, MachineCell } from './table.js';

/** The sending side of all machines: applies the rules of machine.ts to the cells and says what follows. */
export class Sending {
  /** Cells whose three state columns are not yet in the table. */
  readonly unsaved = new Set<MachineCell>();

  constructor(
    private readonly table: ClusterTable,
    private readonly deadlines: Deadlines<MachineCell | Watch>,
  ) {}

  /** The machine's deadline has come: its duration has passed. */
  turn(cell: MachineCell, out: Effect[]): void {
    this.replace(cell, enable(cell.machine), 'duration_passed', out);
  }

  /** Contract 8.1: whoever asks sees machines up whose duration has passed, also before the timer has come round. */
  enableDue(cell: MachineCell, now: Now, out: Effect[]): void {
    const { enableAt } = cell.machine;
    if (enableAt !== null && enableAt <= now.monotonicMs) this.turn(cell, out);
  }

  enableAllDue(clusterId: number, now: Now, out: Effect[]): void {
    for (const cell of this.table.cluster(clusterId)?.machines ?? []) this.enableDue(cell, now, out);
  }

  send(clusterId: number, protocol: string, now: Now, out: Effect[]): void {
    this.enableAllDue(clusterId, now, out);
    for (const { machine, generation } of this.table.cluster(clusterId)?.machines ?? []) {
      if (machine.state !== 'up' || machine.protocol !== protocol) continue;
      out.push({ type: 'send', machine, attempt: generation });
    }
  }

  succeeded(cell: MachineCell, attempt: number, out: Effect[]): void {
    if (!counts(cell, attempt)) return;
    this.replace(cell, clearTries(cell.machine), 'set_state', out);
  }

  failed(cell: MachineCell, attempt: number, now: Now, out: Effect[]): void {
    if (!counts(cell, attempt)) return;
    this.replace(cell, failAttempt(cell.machine, now), 'send_failed', out);
  }

  countFailure(cell: MachineCell, now: Now, out: Effect[]): void {
    if (cell.machine.state !== 'up') return;
    this.replace(cell, failAttempt(cell.machine, now), 'set_state', out);
  }

  setStatus(cell: MachineCell, status: MachineStatus, cause: Cause, out: Effect[]): void {
    cell.generation++;
    const { changes } = cell;
    this.replace(cell, status === 'up' ? enable(cell.machine) : disable(cell.machine), cause, out);
    // What someone has said goes to the table also when it is nothing new here: the table may say something else.
    if (cell.changes === changes) this.markChanged(cell, out);
  }

  /** The host was looked up anew. No one set this address: attempts under way still count. */
  resolved(cell: MachineCell, host: string, ip: string | null, out: Effect[]): void {
    const { machine } = cell;
    if (machine.host !== host || machine.ip === ip) return;
    cell.machine = { ...machine, ip };
    out.push({ type: 'machine_changed', machine: cell.machine });
  }

  add(cluster: Cluster, row: LoadedMachine, now: Now, out: Effect[]): MachineCell {
    const machine = firstLoaded(row, now);
    const cell = new MachineCell(machine);
    cluster.add(cell);
    this.deadlines.set(cell, machine.enableAt ?? Number.POSITIVE_INFINITY);
    out.push({ type: 'machine_added', machine });
    if (!inTable(machine, row)) this.markChanged(cell, out);
    return cell;
  }

  /** Brings a cell to what its row says; answers whether its address is another one now. */
  update(cell: MachineCell, row: LoadedMachine, keepState: boolean, cause: Cause, now: Now, out: Effect[]): boolean {
    const before = cell.machine;
    const next = reloaded(before, row, keepState, now);
    const moved = !sameAddress(before, next);
    if (moved) {
      cell.generation++;
      out.push({ type: 'disconnect', clusterId: next.clusterId, machineId: next.machineId });
    }
    if (!sameRecord(before, next)) out.push({ type: 'machine_changed', machine: next });
    this.replace(cell, next, cause, out);
    if (!keepState) {
      if (inTable(next, row)) this.saved(cell, cell.changes);
      else this.markChanged(cell, out);
    }
    return moved;
  }

  remove(cluster: Cluster, cell: MachineCell, out: Effect[]): void {
    const { machine } = cell;
    cell.generation++;
    cluster.remove(machine.machineId);
    this.deadlines.clear(cell);
    this.unsaved.delete(cell);
    out.push({ type: 'disconnect', clusterId: machine.clusterId, machineId: machine.machineId });
    out.push({ type: 'machine_removed', machine });
  }

  /** A row was written as it was at `changes`; a later change keeps the mark (contract 8.6). */
  saved(cell: MachineCell, changes: number): void {
    if (changes === cell.changes) this.unsaved.delete(cell);
  }

  private replace(cell: MachineCell, next: Machine, cause: Cause, out: Effect[]): void {
    const before = cell.machine;
    if (next === before) return;
    cell.machine = next;
    this.deadlines.set(cell, next.enableAt ?? Number.POSITIVE_INFINITY);
    if (next.state !== before.state) {
      cell.generation++;
      out.push({ type: 'node_state', machine: next, from: before.state, to: next.state, cause });
    }
    if (!inTable(next, before)) this.markChanged(cell, out);
  }

  private markChanged(cell: MachineCell, out: Effect[]): void {
    cell.changes++;
    this.unsaved.add(cell);
    out.push({ type: 'row_changed' });
  }
}

/** Contract 8.5: a late result never extends a disabling or undoes an operator. */
function counts(cell: MachineCell, attempt: number): boolean {
  return cell.machine.state === 'up' && cell.generation === attempt;
}

/** Whether the three columns that the service itself writes are the same. */
function inTable(machine: Machine, row: Pick<LoadedMachine, 'state' | 'noTries' | 'lastAttempt'>): boolean {
  return machine.state === row.state && machine.noTries === row.noTries && machine.lastAttempt === row.lastAttempt;
}

/** Whether all that an operator provisions, and the address it leads to, is the same. */
function sameRecord(a: Machine, b: Machine): boolean {
  return (
    a.clustererId === b.clustererId &&
    a.url === b.url &&
    a.ip === b.ip &&
    a.description === b.description &&
    a.failedAttempts === b.failedAttempts &&
    a.durationMs === b.durationMs
  );
}
