import { type KeptDrain, sameDrain } from '../../domain/drain.js';
import type { Effect } from '../../domain/effects.js';
import type { Clock, Log } from '../../ground/ports.js';
import { retryDelayMs } from '../../ground/retry-delay.js';
import { withTimeout } from '../../ground/with-timeout.js';
import type { EngineLoop } from '../engine-loop.js';
import type { DrainChange, DrainRow, DrainStore } from '../ports.js';
import type { TableQueue } from './table-queue.js';

/** How long an answer waits for its drain to be written; a database that takes longer gets it later. */
const ANSWER_WAIT_MS = 1_000;
const RETRY_MS = 500;

/** More would stop the event loop for too long. */
const ROWS_AT_ONCE = 1_000;

type Id = Pick<DrainChange, 'clusterId' | 'machineId'>;

/** Keeps the drains beside the table: written at once, read at every load. Without a store they are in memory only. */
export class Drains {
  /** Also of machines that are not loaded: their rows may come back. */
  private kept = new Map<string, DrainRow>();
  private readonly unwritten = new Map<string, DrainChange>();
  private writing: Promise<void> | null = null;
  private cancelRetry: (() => void) | null = null;
  private failures = 0;
  private wasRead = false;

  constructor(
    private readonly loop: EngineLoop,
    private readonly ports: { readonly drains: DrainStore | null; readonly clock: Clock; readonly log: Log },
    private readonly queue: TableQueue,
  ) {}

  /** Fills in what is kept for machines that are about to be loaded. */
  fillIn(machines: readonly (Id & { drain: KeptDrain | null })[]): void {
    if (this.kept.size === 0) return;
    for (const machine of machines) machine.drain = this.kept.get(keyOf(machine))?.drain ?? null;
  }

  /** Reads what the table has, for callers inside the table queue; what is unwritten wins. Rejects when the first one fails. */
  async read(): Promise<void> {
    const { drains } = this.ports;
    if (drains === null) return;
    try {
      await this.write();
      const kept = new Map((await drains.load()).map((row) => [keyOf(row), row]));
      for (const [key, change] of this.unwritten) keep(kept, key, change);
      this.kept = kept;
      this.wasRead = true;
    } catch (error) {
      if (!this.wasRead) throw error;
      this.ports.log.warn({ err: error }, 'the drains could not be read again; those in memory stay');
    }
  }

  /** The engine says what has changed. Answers whether that is news: a load also tells what the table holds. */
  follow({ machine, cause }: Effect & { type: 'drain_changed' }): boolean {
    const { clusterId, machineId, drain } = machine;
    const known = this.kept.get(keyOf(machine))?.drain ?? null;
    if (drain === known || (drain !== null && sameDrain(drain, known))) return false;
    const ended = cause === 'drain_end' && known !== null;
    this.change({ clusterId, machineId, drain, ...(ended && { endedSince: known.since }) });
    return true;
  }

  /** The machine is no more, or begins anew. */
  forget({ clusterId, machineId }: Id): void {
    if (this.kept.has(keyOf({ clusterId, machineId }))) this.change({ clusterId, machineId, drain: null });
  }

  /** Lets go of drains that ended while the machine had no row. Those of clusters that are not loaded are of other services. */
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

  /** Resolves when what was changed so far is written, or will take longer. Never rejects. */
  async settled(): Promise<void> {
    if (this.writing !== null) await withTimeout(this.ports.clock, ANSWER_WAIT_MS, this.writing);
  }

  /** Writes the rest, once. */
  async stop(): Promise<void> {
    this.cancelRetry?.();
    try {
      await this.queue.run(() => this.write());
    } catch (error) {
      const fields = { err: error, drains: this.unwritten.size };
      this.ports.log.error(fields, 'drains could not be written before the stop; they are lost');
      throw error;
    }
  }

  private change(change: DrainChange): void {
    const key = keyOf(change);
    keep(this.kept, key, change);
    if (this.ports.drains === null) return;
    this.unwritten.set(key, change);
    // What waits for the database to come back takes this along.
    if (this.writing === null && this.cancelRetry === null) this.startWriting();
  }

  private startWriting(): void {
    this.cancelRetry = null;
    this.writing = this.queue
      .run(() => this.write())
      .then(
        () => this.written(),
        (error: unknown) => this.failed(error),
      );
  }

  private written(): void {
    this.writing = null;
    if (this.failures > 0) this.ports.log.info({ failures: this.failures }, 'drains are written again');
    this.failures = 0;
    if (this.unwritten.size > 0) this.startWriting();
  }

  private failed(error: unknown): void {
    this.writing = null;
    this.failures++;
    const fields = { err: error, drains: this.unwritten.size, failures: this.failures };
    this.ports.log.error(fields, 'drains could not be written; will try again');
    this.cancelRetry = this.ports.clock.after(retryDelayMs(RETRY_MS, this.failures), () => this.startWriting());
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

function keyOf({ clusterId, machineId }: Id): string {
  return `${clusterId}/${machineId}`;
}
