import type { Now } from '../ground/now.js';
import type { Command, LoadedMachine, OfMachine } from './commands.js';
import { Deadlines } from './deadlines.js';
import type { Effect } from './effects.js';
import { firstLoaded } from './loading.js';
import { type Cause, clearTries } from './machine.js';
import { Receiving } from './receiving.js';
import { Watch } from './reception.js';
import { Sending } from './sending.js';
import { ClusterTable, type MachineCell } from './table.js';

/**
 * The state engine (docs/semantics.md): decides, and leaves the doing to its caller. Time is an argument. It may be
 * stepped in any way: what falls due happens at the instant it was due, not at the one it was noticed.
 */
export class Engine {
  readonly table = new ClusterTable();
  readonly deadlines = new Deadlines<MachineCell | Watch>();
  readonly receiving = new Receiving(this.table, this.deadlines);
  readonly sending = new Sending(this.table, this.deadlines);

  /** @param serverId this service's own machine id; 0 for an observer, whom no row belongs to. */
  constructor(private readonly serverId: number) {}

  /** Monotonic milliseconds of the next `advance` that has something to do; Infinity for never. */
  get nextDeadline(): number {
    return this.deadlines.peek()?.dueAt ?? Number.POSITIVE_INFINITY;
  }

  /** Lets at most `limit` deadlines that are due take their turn; call again while `nextDeadline` is not in the future. */
  advance(now: Now, limit = Number.POSITIVE_INFINITY): Effect[] {
    const out: Effect[] = [];
    for (let turns = 0; turns < limit && this.nextDeadline <= now.monotonicMs; turns++) {
      const due = this.deadlines.peek();
      if (due instanceof Watch) this.receiving.turn(due, out);
      else if (due !== undefined) this.sending.turn(due, out);
    }
    return out;
  }

  /** Whether a `send_succeeded` could change anything: almost never, and whoever sends would ask for each packet and machine. */
  heedsSuccess(clusterId: number, machineId: number): boolean {
    const machine = this.table.cell(clusterId, machineId)?.machine;
    return machine !== undefined && (machine.state !== 'up' || clearTries(machine) !== machine);
  }

  apply(command: Command, now: Now): Effect[] {
    const out: Effect[] = [];
    switch (command.type) {
      case 'receive':
        this.receiving.receive(command.packet, now, out);
        return out;
      case 'send':
        this.sending.send(command.clusterId, command.protocol, now, out);
        return out;
      case 'enable_due':
        this.sending.enableAllDue(command.clusterId, now, out);
        return out;
      case 'register':
        this.receiving.register(command.number, command.request, now);
        return out;
      case 'unregister':
        this.receiving.unregister(command.number, now, out);
        return out;
      case 'load':
        this.load(command, now, out);
        return out;
      case 'put_machine': {
        const known = this.table.cell(command.machine.clusterId, command.machine.machineId);
        if (known !== undefined) this.sending.enableDue(known, now, out);
        const cell = this.put(command.machine, true, 'provisioning', now, out);
        if (cell !== null && command.status !== null) this.sending.setStatus(cell, command.status, 'provisioning', out);
        return out;
      }
      default: {
        const cell = this.table.cell(command.clusterId, command.machineId);
        if (cell !== undefined) this.applyToMachine(command, cell, now, out);
        return out;
      }
    }
  }

  private applyToMachine(command: MachineCommand, cell: MachineCell, now: Now, out: Effect[]): void {
    // What fell due before the command happens before it, whether or not the timer has come round.
    this.sending.enableDue(cell, now, out);
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
  }

  private load({ machines, keepChanged, only }: LoadCommand, now: Now, out: Effect[]): void {
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
      const sameRow = known?.machine.clustererId === row.clustererId;
      const kept = only !== undefined || (keepChanged && known !== undefined && this.sending.unsaved.has(known));
      const keepState = sameRow && kept;
      const cell = this.put(row, keepState, 'reload', now, out);
      if (cell === null) continue;
      gone.delete(cell);
      if (known === undefined) added++;
      else if (before !== undefined && differs(before, cell.machine)) changed.add(cell);
    }
    for (const cell of gone) this.remove(cell, now, out);
    for (const cluster of this.table.clusters) this.table.dropIfEmpty(cluster);
    out.push({ type: 'loaded', added, removed: gone.size, changed: changed.size });
  }

  /** Answers the machine's cell, or null for the own row. */
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

type LoadCommand = Extract<Command, { readonly type: 'load' }>;

type MachineCommand = Extract<Command, OfMachine>;

function differs<T extends object>(a: T, b: T): boolean {
  return (Object.keys(a) as (keyof T)[]).some((key) => a[key] !== b[key]);
}
