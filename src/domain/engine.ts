import type { Now } from '../ground/now.js';
import type { Command, LoadCommand, LoadCounts, MachineCommand, Reply } from './commands.js';
import type { Effect } from './effects.js';
import { clearTries } from './machine.js';
import { Members } from './members.js';
import { Receiving } from './receiving.js';
import { Sending } from './sending.js';
import { ClusterTable, type MachineCell } from './table.js';
import { TableLoad } from './table-load.js';
import { type Unmet, unmet } from './version.js';

/**
 * The state engine (docs/semantics.md). It decides and its caller acts: effects are appended to the caller's list, and what
 * the caller asked for is returned. Time is an argument, and it does not matter how often it advances (T1, T2).
 */
export class Engine {
  readonly table = new ClusterTable();
  readonly receiving = new Receiving(this.table);
  readonly sending = new Sending(this.table);
  private readonly members: Members;

  /** @param serverId the machine id of this service, whose rows are its own; 0 for an observer, which has no row */
  constructor(serverId: number) {
    this.members = new Members(this.table, this.sending, this.receiving, serverId);
  }

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
        this.receiving.receive(command.packet, now, out);
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
        return this.loadAll(command, now, out);
      case 'put_machine': {
        const known = this.table.cell(command.machine.clusterId, command.machine.machineId);
        if (known !== undefined) this.sending.enableDue(known, now, out);
        const cell = this.members.put(command.machine, true, 'provisioning', now, out);
        if (cell !== null && command.status !== null) this.sending.setStatus(cell, command.status, 'provisioning', out);
        return null;
      }
      default: {
        const cell = this.table.cell(command.clusterId, command.machineId);
        return cell === undefined ? null : this.applyToMachine(command, cell, now, out);
      }
    }
  }

  /** A load that its caller advances step by step, where the command `load` does all of it at once. */
  beginLoad(command: LoadCommand): TableLoad {
    return new TableLoad(this.members, command);
  }

  /** The side with the earlier deadline. */
  private get due(): Receiving | Sending {
    return this.receiving.nextDeadline < this.sending.nextDeadline ? this.receiving : this.sending;
  }

  private loadAll(command: LoadCommand, now: Now, out: Effect[]): LoadCounts {
    const load = this.beginLoad(command);
    load.step(Number.POSITIVE_INFINITY, now, out);
    return load.counts;
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
        this.members.remove(cell, now, out);
        break;
      default:
        command satisfies never;
    }
    return null;
  }
}
