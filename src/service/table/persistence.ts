import type { Machine } from '../../domain/machine.js';
import type { MachineCell } from '../../domain/table.js';
import type { EngineLoop } from '../engine-loop.js';
import type { Flushed, MachineStore, StateChange } from '../ports/machine-store.js';
import { WriteBehind, type WritePorts } from '../write-behind.js';
import { STATE_NUMBERS } from './machine-rows.js';
import type { TableQueue } from './table-queue.js';

/** More would block the event loop for too long. When the database fails in between, the rows before are in the table. */
const ROWS_AT_ONCE = 1_000;

/** Writes the rows that the engine has changed, in batches (S6). */
export class Persistence {
  private readonly writeBehind: WriteBehind;

  constructor(
    private readonly loop: EngineLoop,
    private readonly ports: WritePorts & { readonly store: MachineStore; readonly flushed?: Flushed | undefined },
    queue: TableQueue,
    private readonly options: { readonly persistent: boolean; readonly syncIntervalMs: number },
  ) {
    const unwritten = () => this.dirtyRows;
    const write = () => queue.run(() => this.writeChanges());
    this.writeBehind = new WriteBehind({ name: 'table', delayMs: options.syncIntervalMs, unwritten, write }, ports);
  }

  /** Rows whose changes are not in the table yet. */
  get dirtyRows(): number {
    return this.options.persistent ? this.loop.engine.sendSide.unsaved.size : 0;
  }

  rowChanged(): void {
    if (this.options.persistent) this.writeBehind.changed();
  }

  /** Writes all changed rows, newest values; for callers inside the table queue. Rejects when the database is unavailable. */
  async writeChanges(): Promise<void> {
    if (this.dirtyRows === 0) return;
    const unsaved = [...this.loop.engine.sendSide.unsaved];
    const begun = this.ports.clock.now().monotonicMs;
    try {
      for (let from = 0; from < unsaved.length; from += ROWS_AT_ONCE) {
        // Another replica may lead since the last part: its rows are newer.
        if (!this.ports.leadership.isLeading) return;
        await this.write(unsaved.slice(from, from + ROWS_AT_ONCE));
      }
    } finally {
      this.ports.flushed?.((this.ports.clock.now().monotonicMs - begun) / 1000);
    }
    this.ports.log.debug({ rows: unsaved.length }, 'changed rows written');
  }

  /** Ends the timer and writes the rest, once. Rejects when that fails. */
  stop(): Promise<void> {
    return this.writeBehind.stop();
  }

  private async write(cells: readonly MachineCell[]): Promise<void> {
    // Changes from here on keep the mark.
    const written = cells.map(({ machine, changes }) => ({ machine, changes }));
    await this.ports.store.saveStates(written.map(({ machine }) => stateOf(machine)));
    // The marks are cleared when the write ends: otherwise the rows would be written once more.
    await Promise.all(
      written.map(({ machine: { clusterId, machineId }, changes }) =>
        this.loop.apply({ type: 'row_saved', clusterId, machineId, changes }),
      ),
    );
  }
}

/** A row that does not keep attempts says only what an operator set: enabled or disabled (S12). */
function stateOf({ clustererId, state, noTries, lastAttempt, keepsAttempts }: Machine): StateChange {
  if (!keepsAttempts)
    return { clustererId, state: STATE_NUMBERS[state === 'down' ? 'down' : 'up'], noTries: 0, lastAttempt: 0 };
  return { clustererId, state: STATE_NUMBERS[state], noTries, lastAttempt };
}
