import type { Now } from '../ground/now.js';
import type { Command, LoadCommand, LoadCounts, LoadedMachine, MachineCommand, Reply } from './commands.js';
import type { Effect } from './effects.js';
import { firstLoaded } from './loading.js';
import { type Cause, clearTries } from './machine.js';
import { Receiving } from './receiving.js';
import { Sending } from './sending.js';
import { ClusterTable, type MachineCell } from './table.js';
import { type Unmet, unmet } from './version.js';

/**
 * The state engine (docs/semantics.md). It decides and its caller acts: effects are appended to the caller's list, and what
 * the caller asked for is returned. Time is an argument, and it does not matter how often it advances (T1, T2).
 */
export class Engine {
  readonly table = new ClusterTable();
  readonly receiving = new Receiving(this.table);
  readonly sending = new Sending(this.table);

  /** @param serverId the machine id of this service, whose rows are its own; 0 for an observer, which has no row */
  constructor(private readonly serverId: number) {}

  /** Monotonic milliseconds of the next deadline; Infinity if there is none. */
  get nextDeadline(): number {
    return this.due.nextDeadline;
  }

  /** Fires at most `limit` due deadlines, earliest first. Call again while `nextDeadline` is not in the future. */
  advance(now: Now, out: Effect[], limit = Number.POSITIVE_INFINITY): void {
    for (let fired = 0; fired < limit && this.nextDeadline <= now.monotonicMs; fired++) this.due.fireNext(out);
  }

  /** Returns false if `send_succeeded` would change nothing, which is almost always: senders then save the command. */
  wantsSuccess(clusterId: number, machineId: number): boolean {
    const machine = this.table.cell(clusterId, machineId)?.machine;
    return machine !== undefined && (machine.state !== 'up' || clearTries(machine) !== machine);
  }

  apply<C extends Command>(command: C, now: Now, out: Effect[]): Reply<C>;
  apply(command: Command, now: Now, out: Effect[]): Reply {
    switch (command.type) {
      case 'receive':
        this.receiving.receive(command.run, now, out);
        return null;
      case 'send':
        return this.sending.send(command.clusterId, command.protocol, now, out);
      case 'enable_due':
        this.sending.enableAllDue(command.clusterId, now, out);
        return null;
      case 'register':
        this.receiving.register(command.number, command.request, now);
        return null;
      case 'unregister':
        this.receiving.unregister(command.number, now, out);
        return null;
      case 'load':
        return this.load(command, now, out);
      case 'put_machine': {
        const known = this.table.cell(command.machine.clusterId, command.machine.machineId);
        if (known !== undefined) this.sending.enableDue(known, now, out);
        const cell = this.put(command.machine, true, 'provisioning', now, out);
        if (cell !== null && command.status !== null) this.sending.setStatus(cell, command.status, 'provisioning', out);
        return null;
      }
      default: {
        const cell = this.table.cell(command.clusterId, command.machineId);
        return cell === undefined ? null : this.applyToMachine(command, cell, now, out);
      }
    }
  }

  /** The side with the earlier deadline. */
  private get due(): Receiving | Sending {
    return this.receiving.nextDeadline < this.sending.nextDeadline ? this.receiving : this.sending;
  }

  private applyToMachine(command: MachineCommand, cell: MachineCell, now: Now, out: Effect[]): Unmet | null {
    this.sending.enableDue(cell, now, out);
    if ('expected' in command && command.expected) {
      const failed = unmet(command.expected, cell.machine);
      if (failed !== null) return failed;
    }
    switch (command.type) {
      case 'send_succeeded':
        this.sending.succeeded(cell, command.attempt, out);
        break;
      case 'send_failed':
        this.sending.failed(cell, command.attempt, now, out);
        break;
      case 'count_failure':
        this.sending.countFailure(cell, now, out);
        break;
      case 'drain':
        this.sending.drain(cell, command, now, out);
        break;
      case 'set_status':
        this.sending.setStatus(cell, command.status, command.cause, out);
        break;
      case 'address_resolved':
        this.sending.resolved(cell, command.host, command.ips, out);
        break;
      case 'row_saved':
        this.sending.saved(cell, command.changes);
        break;
      case 'remove_machine':
        this.remove(cell, now, out);
        break;
      default:
        command satisfies never;
    }
    return null;
  }

  private load({ machines, keepChanged, only }: LoadCommand, now: Now, out: Effect[]): LoadCounts {
    const gone = new Set<MachineCell>();
    for (const cluster of this.table.clusters) {
      if (only !== undefined && cluster.clusterId !== only) continue;
      this.sending.enableAllDue(cluster.clusterId, now, out);
      for (const cell of cluster.machines) gone.add(cell);
      cluster.own = null;
    }
    let added = 0;
    const changed = new Set<MachineCell>();
    for (const row of machines) {
      const known = this.table.cell(row.clusterId, row.machineId);
      const before = known?.machine;
      const sameRow = before?.clustererId === row.clustererId;
      const kept = only !== undefined || (keepChanged && known !== undefined && this.sending.unsaved.has(known));
      const cell = this.put(row, sameRow && kept, 'reload', now, out);
      if (cell === null) continue;
      gone.delete(cell);
      if (before === undefined) added++;
      else if (differs(before, cell.machine)) changed.add(cell);
    }
    for (const cell of gone) this.remove(cell, now, out);
    for (const cluster of this.table.clusters) this.table.dropIfEmpty(cluster);
    return { added, removed: gone.size, changed: changed.size };
  }

  /** Returns the cell of the machine, or null for the own row. */
  private put(row: LoadedMachine, keepState: boolean, cause: Cause, now: Now, out: Effect[]): MachineCell | null {
    const cluster = this.table.ensure(row.clusterId);
    if (row.machineId === this.serverId) {
      cluster.own = firstLoaded(row, now);
      return null;
    }
    const known = cluster.cell(row.machineId);
    if (known === undefined) {
      const cell = this.sending.add(cluster, row, now, out);
      this.receiving.machineAdded(cell, now);
      this.sending.enableDue(cell, now, out);
      return cell;
    }
    const moved = this.sending.update(known, row, keepState, cause, now, out);
    if (moved) this.receiving.machineMoved(known, now, out);
    this.sending.enableDue(known, now, out);
    return known;
  }

  private remove(cell: MachineCell, now: Now, out: Effect[]): void {
    const cluster = this.table.cluster(cell.machine.clusterId);
    if (cluster === undefined) return;
    this.receiving.machineRemoved(cell, now, out);
    this.sending.remove(cluster, cell, out);
    this.table.dropIfEmpty(cluster);
  }
}

function differs<T extends object>(a: T, b: T): boolean {
  return (Object.keys(a) as (keyof T)[]).some((key) => a[key] !== b[key]);
}
