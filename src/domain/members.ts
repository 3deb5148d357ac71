import type { Now } from '../ground/now.js';
import type { LoadedMachine } from './commands.js';
import type { Effect } from './effects.js';
import { firstLoaded } from './loaded-machine.js';
import type { Cause } from './machine.js';
import type { ReceiveSide } from './receive-side.js';
import type { SendSide } from './send-side.js';
import type { ClusterTable, MachineCell } from './table.js';

/** Which machines there are: adds, updates and removes them on both sides together. */
export class Members {
  constructor(
    readonly table: ClusterTable,
    readonly sendSide: SendSide,
    private readonly receiveSide: ReceiveSide,
    private readonly serverId: number,
  ) {}

  /** Returns the cell of the machine, or null for the own row. */
  put(row: LoadedMachine, keepState: boolean, cause: Cause, now: Now, out: Effect[]): MachineCell | null {
    const cluster = this.table.ensure(row.clusterId);
    if (row.machineId === this.serverId) {
      cluster.own = firstLoaded(row, now);
      return null;
    }
    const known = cluster.cell(row.machineId);
    if (known === undefined) {
      const cell = this.sendSide.add(cluster, row, now, out);
      this.receiveSide.machineAdded(cell, now);
      this.sendSide.enableDue(cell, now, out);
      return cell;
    }
    const moved = this.sendSide.update(known, row, keepState, cause, now, out);
    if (moved) this.receiveSide.machineMoved(known, now, out);
    this.sendSide.enableDue(known, now, out);
    return known;
  }

  /** Does nothing for a cell that is not in the table. */
  remove(cell: MachineCell, now: Now, out: Effect[]): void {
    const cluster = this.table.cluster(cell.machine.clusterId);
    if (cluster?.cell(cell.machine.machineId) !== cell) return;
    this.receiveSide.machineRemoved(cell, now, out);
    this.sendSide.remove(cluster, cell, out);
    this.table.dropIfEmpty(cluster);
  }
}
