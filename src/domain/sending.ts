import type { Now } from '../ground/now.js';
import type { LoadedMachine } from './commands.js';
import type { Deadlines } from './deadlines.js';
import { beginDrain, type DrainRequest } from './drain.js';
import type { Effect } from './effects.js';
import { firstLoaded, reloaded } from './loading.js';
import {
  type Cause,
  clearTries,
  comesUpAt,
  disable,
  drained,
  enable,
  failAttempt,
  type Machine,
  type MachineStatus,
  sameAddress,
  sameIps,
} from './machine.js';
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

  /** The machine's deadline has come: its duration has passed, or its drain is over. */
  turn(cell: MachineCell, out: Effect[]): void {
    const cause = cell.machine.drain === null ? 'duration_passed' : 'drain_end';
    this.replace(cell, enable(cell.machine), cause, out);
  }

  /** S1: whoever asks sees machines up whose time has come, also before the timer has come round. */
  enableDue(cell: MachineCell, now: Now, out: Effect[]): void {
    if (comesUpAt(cell.machine) <= now.monotonicMs) this.turn(cell, out);
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
    this.set(cell, status === 'up' ? enable(cell.machine) : disable(cell.machine), cause, out);
  }

  drain(cell: MachineCell, request: DrainRequest, now: Now, out: Effect[]): void {
    this.set(cell, drained(cell.machine, beginDrain(request, cell.machine.drain, now)), 'operator', out);
  }

  /** The host was looked up anew. No one set this address: attempts under way still count. */
  resolved(cell: MachineCell, host: string, ips: readonly string[], out: Effect[]): void {
    const { machine } = cell;
    if (machine.host !== host || sameIps(machine.ips, ips)) return;
    const ip = ips[0] ?? null;
    cell.machine = { ...machine, ip, ips };
    // Where else its packets may come from is seen nowhere.
    if (ip !== machine.ip) out.push({ type: 'machine_changed', machine: cell.machine });
  }

  add(cluster: Cluster, row: LoadedMachine, now: Now, out: Effect[]): MachineCell {
    const machine = firstLoaded(row, now);
    const cell = new MachineCell(machine);
    cluster.add(cell);
    this.deadlines.set(cell, comesUpAt(machine));
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
    this.replace(cell, next, next.drain === null ? cause : 'drain', out);
    if (!keepState) {
      if (inTable(next, row)) this.saved(cell, cell.changes);
      else this.markChanged(cell, out);
    } else if (next.drain !== null && row.state !== 'down' && !this.unsaved.has(cell)) {
      // Somebody else has written the row of a machine that is drained: it must not come up where they read it.
      this.markChanged(cell, out);
    }
    return moved;
  }

  remove(cluster: Cluster, cell: MachineCell, out: Effect[]): void {
    const { machine } = cell;
    cell.generation++;
    cluster.remove(cell);
    this.deadlines.clear(cell);
    this.unsaved.delete(cell);
    out.push({ type: 'disconnect', clusterId: machine.clusterId, machineId: machine.machineId });
    out.push({ type: 'machine_removed', machine });
  }

  /** A row was written as it was at `changes`; a later change keeps the mark (S6). */
  saved(cell: MachineCell, changes: number): void {
    if (changes === cell.changes) this.unsaved.delete(cell);
  }

  private set(cell: MachineCell, next: Machine, cause: Cause, out: Effect[]): void {
    cell.generation++;
    const { changes } = cell;
    this.replace(cell, next, cause, out);
    // What someone has said goes to the table also when it is nothing new here: the table may say something else.
    if (cell.changes === changes) this.markChanged(cell, out);
  }

  private replace(cell: MachineCell, next: Machine, cause: Cause, out: Effect[]): void {
    const before = cell.machine;
    if (next === before) return;
    cell.machine = next;
    this.deadlines.set(cell, comesUpAt(next));
    const otherDrain = next.drain !== before.drain;
    const toldByState = next.state !== before.state;
    if (!sameRecord(before, next) || (otherDrain && !toldByState)) out.push({ type: 'machine_changed', machine: next });
    if (otherDrain) out.push({ type: 'drain_changed', machine: next, from: before.drain, cause });
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

/** S5: a late result never extends a disabling or undoes an operator. */
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
