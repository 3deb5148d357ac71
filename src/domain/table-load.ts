import type { Now } from '../ground/now.js';
import type { LoadCommand, LoadCounts, LoadedMachine } from './commands.js';
import type { Effect } from './effects.js';
import { isLearned } from './machine.js';
import type { Membership } from './membership.js';
import type { Cluster, MachineCell } from './table.js';

/**
 * A load under way (S7). It may come in parts, so that a table of any size need not block the event loop. Between two parts each machine
 * is as before or as in its row.
 */
export class TableLoad {
  /** Machines in memory whose row has not come yet: at the end of the rows, those to remove. */
  private readonly withoutRow = new Set<MachineCell>();
  private readonly withoutOwnRow = new Set<Cluster>();
  private readonly done = { added: 0, removed: 0, changed: 0 };

  private readonly keepChanged: boolean;
  /** Null: the whole table. */
  private readonly only: number | null;

  constructor(
    private readonly membership: Membership,
    { keepChanged, only }: LoadCommand,
  ) {
    this.keepChanged = keepChanged;
    this.only = only ?? null;
    for (const cluster of membership.members.table.clusters) {
      if (only !== undefined && cluster.clusterId !== only) continue;
      for (const cell of cluster.machines) if (!isLearned(cell.machine)) this.withoutRow.add(cell);
      if (cluster.own !== null) this.withoutOwnRow.add(cluster);
    }
  }

  /** What has changed so far. */
  get counts(): LoadCounts {
    return { ...this.done };
  }

  take(row: LoadedMachine, now: Now, out: Effect[]): void {
    const { membership, done } = this;
    const { members } = membership;
    const known = members.table.cell(row.clusterId, row.machineId);
    if (known !== undefined) members.sendSide.enableDue(known, now, out);
    const before = known?.machine;
    const sameRow = before?.clustererId === row.clustererId;
    const kept = this.only !== null || (this.keepChanged && known !== undefined && members.sendSide.unsaved.has(known));
    const cell = membership.put(row, sameRow && kept, 'reload', now, out);
    if (cell === null) {
      const cluster = members.table.cluster(row.clusterId);
      if (cluster !== undefined) this.withoutOwnRow.delete(cluster);
      return;
    }
    this.withoutRow.delete(cell);
    if (before === undefined) done.added++;
    else if (differs(before, cell.machine)) done.changed++;
  }

  /** Comes after the last row: removes at most `limit` machines that have none. Returns whether any is left. */
  removeRest(limit: number, now: Now, out: Effect[]): boolean {
    let left = limit;
    for (const cell of this.withoutRow) {
      if (left-- === 0) return true;
      this.membership.members.sendSide.enableDue(cell, now, out);
      this.membership.remove(cell, now, out);
      this.withoutRow.delete(cell);
      this.done.removed++;
    }
    for (const cluster of this.withoutOwnRow) this.membership.removeOwn(cluster, now, out);
    return false;
  }
}

function differs<T extends object>(a: T, b: T): boolean {
  for (const key in a) if (a[key] !== b[key]) return true;
  return false;
}
