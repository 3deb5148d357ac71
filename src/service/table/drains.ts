import { type StoredDrain, sameDrain } from '../../domain/drain.js';
import type { Effect } from '../../domain/effects.js';
import type { EngineLoop } from '../engine-loop.js';
import { machineKey } from '../machine-key.js';
import type { DrainChange, DrainRow, DrainStore } from '../ports/drain-store.js';
import { WriteBehind, type WritePorts } from '../write-behind.js';
import type { TableQueue } from './table-queue.js';

/** More would block the event loop for too long. */
const ROWS_AT_ONCE = 1_000;

type Id = Pick<DrainChange, 'clusterId' | 'machineId'>;

/** Keeps the drains in a table of their own: written at once, read at every load. Without a store they are in memory only. */
export class Drains {
  /** Includes machines that are not loaded: their rows may come back. */
  private kept = new Map<string, DrainRow>();
  private readonly unwritten = new Map<string, DrainChange>();
  private readonly writeBehind: WriteBehind;
  private wasRead = false;

  constructor(
    private readonly loop: EngineLoop,
    private readonly ports: { readonly drains: DrainStore | null } & WritePorts,
    private readonly queue: TableQueue,
  ) {
    const unwritten = () => this.unwritten.size;
    const write = () => queue.run(() => this.write());
    this.writeBehind = new WriteBehind({ name: 'drain', delayMs: 0, unwritten, write }, ports);
  }

  /** Fills in the drain of a machine, right before it is loaded: an operator may change it until then. */
  fillIn(machine: Id & { drain: StoredDrain | null }): void {
    if (this.kept.size > 0) machine.drain = this.of(machine);
  }

  /** The drains of machines that are not loaded: a fleet may learn one of these. */
  *unloaded(): Iterable<DrainRow> {
    const { table } = this.loop.engine;
    for (const row of this.kept.values()) if (table.cell(row.clusterId, row.machineId) === undefined) yield row;
  }

  private of(machine: Id): StoredDrain | null {
    return this.kept.get(machineKey(machine))?.drain ?? null;
  }

  /** Reads the table; unwritten drains win. For callers inside the table queue. Rejects only if no earlier read succeeded. */
  async read(): Promise<void> {
    const { drains } = this.ports;
    if (drains === null) return;
    try {
      await this.write();
      const kept = new Map((await drains.load()).map((row) => [machineKey(row), row]));
      for (const [key, change] of this.unwritten) keep(kept, key, change);
      this.kept = kept;
      this.wasRead = true;
    } catch (error) {
      if (!this.wasRead) throw error;
      this.ports.log.warn({ err: error }, 'drain read failed; keeping the drains in memory');
    }
  }

  /** Takes over a change from the engine, if it is not known: a load repeats what the table holds. */
  follow({ machine, cause }: Effect & { type: 'drain_changed' }): void {
    if (!this.ports.leadership.isLeading) return;
    const { clusterId, machineId, drain } = machine;
    const known = this.kept.get(machineKey(machine))?.drain ?? null;
    if (drain === known || (drain !== null && sameDrain(drain, known))) return;
    const ended = cause === 'drain_end' && known !== null;
    this.change({ clusterId, machineId, drain, ...(ended && { endedSince: known.since }) });
  }

  /** Removes the drain of a machine that was removed or created. */
  forget({ clusterId, machineId }: Id): void {
    if (this.kept.has(machineKey({ clusterId, machineId }))) this.change({ clusterId, machineId, drain: null });
  }

  /** Removes drains that ended while the machine had no row. Clusters that are not loaded belong to other services. */
  forgetEnded(): void {
    const { table } = this.loop.engine;
    const { unixMs } = this.ports.clock.now();
    for (const { clusterId, machineId, drain } of this.kept.values()) {
      const ended = drain.until !== null && drain.until <= unixMs;
      const cluster = table.cluster(clusterId);
      if (ended && cluster !== undefined && cluster.cell(machineId) === undefined)
        this.forget({ clusterId, machineId });
    }
  }

  /** This replica leads from now on: it reads the table, and writes what the leader before it has not written. */
  lead(): Promise<void> {
    return this.queue.run(async () => {
      this.unwritten.clear();
      await this.read();
      for (const { machines } of this.loop.engine.table.clusters) {
        for (const { machine } of machines)
          this.follow({ type: 'drain_changed', machine, from: null, cause: 'reload' });
      }
    });
  }

  /** Resolves when all changes are written, the write has failed, or it takes too long. Never rejects. */
  async settled(): Promise<void> {
    if (this.unwritten.size > 0) await this.writeBehind.settled();
  }

  /** Writes the rest, once. Rejects when that fails. */
  stop(): Promise<void> {
    return this.writeBehind.stop();
  }

  private change(change: DrainChange): void {
    const key = machineKey(change);
    keep(this.kept, key, change);
    if (this.ports.drains === null) return;
    this.unwritten.set(key, change);
    this.writeBehind.changed();
  }

  /** For callers inside the table queue. */
  private async write(): Promise<void> {
    const changes = [...this.unwritten];
    for (let from = 0; from < changes.length; from += ROWS_AT_ONCE) {
      const some = changes.slice(from, from + ROWS_AT_ONCE);
      await this.ports.drains?.save(some.map(([, change]) => change));
      for (const [key, change] of some) if (this.unwritten.get(key) === change) this.unwritten.delete(key);
    }
  }
}

function keep(kept: Map<string, DrainRow>, key: string, { clusterId, machineId, drain }: DrainChange): void {
  if (drain === null) kept.delete(key);
  else kept.set(key, { clusterId, machineId, drain });
}
