import type { Now } from '../ground/now.js';
import type { Attempt, LoadedMachine, SendCommand } from './commands.js';
import { Deadlines } from './deadlines.js';
import { beginDrain, type DrainRequest } from './drain.js';
import type { Effect } from './effects.js';
import { firstLoaded, reloaded } from './loaded-machine.js';
import {
  type Cause,
  clearTries,
  comesUpAt,
  disable,
  drained,
  enable,
  failAttempt,
  isLearned,
  type Machine,
  type MachineStatus,
  pingsUnanswered,
  pingUnanswered,
} from './machine.js';
import { sameAddress, sameIps, sameRecord, sameStored } from './machine-comparison.js';
import { type Cluster, type ClusterTable, MachineCell } from './table.js';

/** The sending side of all machines (S1 to S9): applies the rules of machine.ts to the cells, and appends the effects. */
export class SendSide {
  /** Cells whose state columns are not written yet (S6). */
  readonly unsaved = new Set<MachineCell>();
  /** When machines come up: at the end of a duration or of a drain. */
  readonly deadlines = new Deadlines<MachineCell>();

  constructor(private readonly table: ClusterTable) {}

  get nextDeadline(): number {
    return this.deadlines.next;
  }

  fireNext(out: Effect[]): void {
    const cell = this.deadlines.peek();
    if (cell !== undefined) this.fire(cell, out);
  }

  private fire(cell: MachineCell, out: Effect[]): void {
    const cause = cell.machine.drain === null ? 'duration_passed' : 'drain_end';
    this.replace(cell, enable(cell.machine), cause, out);
  }

  /** A machine that is due is up, even if the timer has not fired yet (S1, T2). */
  enableDue(cell: MachineCell, now: Now, out: Effect[]): void {
    if (comesUpAt(cell.machine) <= now.monotonicMs) this.fire(cell, out);
  }

  enableAllDue(clusterId: number, now: Now, out: Effect[]): void {
    for (const cell of this.table.cluster(clusterId)?.machines ?? []) this.enableDue(cell, now, out);
  }

  /** Returns the machines to send to, by ascending id. */
  send({ clusterId, protocol, only }: SendCommand, now: Now, out: Effect[]): Attempt[] {
    this.enableAllDue(clusterId, now, out);
    const attempts: Attempt[] = [];
    const cluster = this.table.cluster(clusterId);
    const named = only === undefined ? cluster?.machines : [cluster?.cell(only)];
    for (const cell of named ?? []) {
      if (cell === undefined || cell.machine.protocol !== protocol || !isSendable(cell)) continue;
      const { machine, generation, peer } = cell;
      const via = peer === null ? cell : this.hopTo(cell);
      if (via !== null) attempts.push({ machine, attempt: generation, via: via.machine });
    }
    return attempts;
  }

  /** The machine that a packet to this one goes to first; null while nobody reaches it (F7). */
  private hopTo({ machine, peer }: MachineCell): MachineCell | null {
    const hop = peer?.nextHop ?? null;
    return hop === null ? null : (this.table.cell(machine.clusterId, hop) ?? null);
  }

  succeeded(cell: MachineCell, attempt: number, out: Effect[]): void {
    if (!counts(cell, attempt)) return;
    this.replace(cell, clearTries(cell.machine), 'set_state', out);
  }

  failed(cell: MachineCell, attempt: number, now: Now, out: Effect[]): void {
    if (!counts(cell, attempt)) return;
    this.replace(cell, failAttempt(cell.machine, now), 'send_failed', out);
  }

  /** A ping stayed unanswered; at the limit `pingsFailed` follows (L4). */
  pingFailed(cell: MachineCell, unanswered: number, now: Now, out: Effect[]): void {
    if (cell.machine.state === 'up')
      this.replace(cell, pingUnanswered(cell.machine, unanswered, now), 'ping_failed', out);
  }

  /** `askedAt`: monotonic milliseconds of the next ping. */
  pingsFailed(cell: MachineCell, askedAt: number, out: Effect[]): void {
    if (cell.machine.state === 'up') this.replace(cell, pingsUnanswered(cell.machine, askedAt), 'ping_failed', out);
  }

  /** A machine that pings had disabled will be asked again then. */
  askAgainAt(cell: MachineCell, askedAt: number): void {
    if (cell.machine.state === 'temp_disabled') cell.machine = { ...cell.machine, enableAt: askedAt };
  }

  /** It answered a ping (L4). */
  answered(cell: MachineCell, out: Effect[]): void {
    const { machine } = cell;
    if (machine.state === 'down') return;
    this.replace(cell, machine.state === 'up' ? clearTries(machine) : enable(machine), 'link_up', out);
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

  /** The host was resolved again. The address was not set by a command, so attempts in progress still count (S5). */
  resolved(cell: MachineCell, host: string, ips: readonly string[], out: Effect[]): void {
    const { machine } = cell;
    if (machine.host !== host || sameIps(machine.ips, ips)) return;
    const ip = ips[0] ?? null;
    cell.machine = { ...machine, ip, ips };
    // The other addresses of the host are not visible outside.
    if (ip !== machine.ip) out.push({ type: 'machine_changed', machine: cell.machine });
  }

  add(cluster: Cluster, row: LoadedMachine, now: Now, out: Effect[]): MachineCell {
    const machine = firstLoaded(row, now);
    const cell = new MachineCell(machine);
    cluster.add(cell);
    this.deadlines.set(cell, comesUpAt(machine));
    out.push({ type: 'machine_added', machine });
    if (!sameStored(machine, row)) this.markChanged(cell, out);
    return cell;
  }

  /** Updates a cell from its row. Returns true if its address changed (S9). */
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
      if (sameStored(next, row)) this.saved(cell, cell.changes);
      else this.markChanged(cell, out);
    } else if (next.drain !== null && row.state !== 'down' && !this.unsaved.has(cell)) {
      // Another program wrote the row of a drained machine: it must not come up where that program reads it.
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

  /** A row was written as of `changes`; a later change keeps the mark (S6). */
  saved(cell: MachineCell, changes: number): void {
    if (changes === cell.changes) this.unsaved.delete(cell);
  }

  private set(cell: MachineCell, next: Machine, cause: Cause, out: Effect[]): void {
    cell.generation++;
    const { changes } = cell;
    this.replace(cell, next, cause, out);
    // Written even if it changes nothing here: the table may hold another value.
    if (cell.changes === changes) this.markChanged(cell, out);
  }

  private replace(cell: MachineCell, next: Machine, cause: Cause, out: Effect[]): void {
    const before = cell.machine;
    if (next === before) return;
    cell.machine = next;
    this.deadlines.set(cell, comesUpAt(next));
    const otherDrain = next.drain !== before.drain;
    const otherState = next.state !== before.state;
    if (!sameRecord(before, next) || (otherDrain && !otherState)) out.push({ type: 'machine_changed', machine: next });
    if (otherDrain) out.push({ type: 'drain_changed', machine: next, from: before.drain, cause });
    if (otherState) {
      cell.generation++;
      out.push({ type: 'node_state', machine: next, from: before.state, to: next.state, cause });
    }
    if (!sameStored(next, before)) this.markChanged(cell, out);
  }

  private markChanged(cell: MachineCell, out: Effect[]): void {
    cell.changes++;
    if (isLearned(cell.machine)) return;
    this.unsaved.add(cell);
    out.push({ type: 'row_changed' });
  }
}

/** In dialect 2.4 a machine that pings have disabled may still be reached through another. Before this service is a member, none is reached. */
export function isSendable({ machine, peer }: MachineCell): boolean {
  if (machine.fleet === null) return machine.state === 'up';
  return machine.state !== 'down' && peer !== null && peer.nextHop !== null;
}

/** Returns false for a late result: it must not extend a disabling or undo an operator (S5). */
function counts(cell: MachineCell, attempt: number): boolean {
  return cell.machine.state === 'up' && cell.generation === attempt;
}
