import type { Machine } from '../../domain/machine.js';
import type { MachineCell } from '../../domain/table.js';
import type { Clock, Log } from '../../ground/ports.js';
import { retryDelayMs } from '../../ground/retry-delay.js';
import type { EngineLoop } from '../engine-loop.js';
import type { Flushed, MachineStore, StateChange } from '../ports.js';
import { STATE_NUMBERS } from './machine-rows.js';
import type { TableQueue } from './table-queue.js';

/** More would stop the event loop for too long; and a database that goes away in between keeps what it has. */
const ROWS_AT_ONCE = 1_000;

/** Writes changed rows in batches: the first change arms the timer, a database that is away makes it wait longer. */
export class Persistence {
  private cancelTimer: (() => void) | null = null;
  private failures = 0;
  private stopped = false;

  constructor(
    private readonly loop: EngineLoop,
    private readonly ports: {
      readonly store: MachineStore;
      readonly clock: Clock;
      readonly log: Log;
      readonly flushed?: Flushed;
    },
    private readonly queue: TableQueue,
    private readonly options: { readonly persistent: boolean; readonly syncIntervalMs: number },
  ) {}

  /** Rows whose changes are not in the table yet. */
  get dirtyRows(): number {
    return this.options.persistent ? this.loop.engine.sending.unsaved.size : 0;
  }

  /** A row has changed. */
  rowChanged(): void {
    if (this.options.persistent) this.arm();
  }

  /** Writes what is unwritten, newest values; for callers inside the table queue. Rejects when the database is away. */
  async writeChanges(): Promise<void> {
    if (!this.options.persistent) return;
    const unsaved = [...this.loop.engine.sending.unsaved];
    if (unsaved.length === 0) return;
    const begun = this.ports.clock.now().monotonicMs;
    try {
      for (let from = 0; from < unsaved.length; from += ROWS_AT_ONCE) {
        await this.write(unsaved.slice(from, from + ROWS_AT_ONCE));
      }
    } finally {
      this.ports.flushed?.((this.ports.clock.now().monotonicMs - begun) / 1000);
    }
    this.ports.log.debug({ rows: unsaved.length }, 'changed rows written');
  }

  private async write(cells: readonly MachineCell[]): Promise<void> {
    // What changes from here on stays marked.
    const written = cells.map(({ machine, changes }) => ({ machine, changes }));
    await this.ports.store.saveStates(written.map(({ machine }) => stateOf(machine)));
    for (const { machine, changes } of written) {
      this.loop.apply({ type: 'row_saved', clusterId: machine.clusterId, machineId: machine.machineId, changes });
    }
  }

  /** Stops the timer and writes the rest, once. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelTimer?.();
    try {
      await this.queue.run(() => this.writeChanges());
    } catch (error) {
      const rows = this.loop.engine.sending.unsaved.size;
      this.ports.log.error({ err: error, rows }, 'changed rows could not be written before the stop; they are lost');
      throw error;
    }
  }

  private arm(): void {
    if (this.cancelTimer !== null || this.stopped) return;
    this.cancelTimer = this.ports.clock.after(retryDelayMs(this.options.syncIntervalMs, this.failures), () => {
      void this.flush();
    });
  }

  private async flush(): Promise<void> {
    // What changes while this write is under way must not wait for its end.
    this.cancelTimer = null;
    try {
      await this.queue.run(() => this.writeChanges());
      if (this.failures > 0) this.ports.log.info({ failures: this.failures }, 'the table is written again');
      this.failures = 0;
    } catch (error) {
      this.failures++;
      this.ports.log.error(
        { err: error, failures: this.failures },
        'changed rows could not be written; will try again',
      );
    }
    if (this.loop.engine.sending.unsaved.size > 0) this.arm();
  }
}

function stateOf({ clustererId, state, noTries, lastAttempt }: Machine): StateChange {
  return { clustererId, state: STATE_NUMBERS[state], noTries, lastAttempt };
}
