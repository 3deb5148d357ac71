import type { DialectOf } from '../../domain/cluster-dialect.js';
import type { LoadCounts } from '../../domain/commands.js';
import type { Clock, Log } from '../../ground/ports.js';
import { type Actor, SYSTEM } from '../actor.js';
import type { EngineLoop } from '../engine-loop.js';
import type { HistoryRecorder } from '../events/history-recorder.js';
import type { Reports } from '../events/reports.js';
import type { MachineStore } from '../ports/machine-store.js';
import type { LoadReport, RowCounts } from '../views/load-report.js';
import type { Addresses } from './addresses.js';
import type { Drains } from './drains.js';
import { limitMachines, type MachineLimit } from './machine-limit.js';
import { type ReadMachine, readRows } from './machine-rows.js';
import type { Persistence } from './persistence.js';
import { type Listeners, RowWarnings } from './row-warnings.js';
import type { TableQueue } from './table-queue.js';

interface Parts {
  readonly queue: TableQueue;
  readonly persistence: Persistence;
  readonly addresses: Addresses;
  readonly drains: Drains;
  readonly reports: Reports;
  readonly recorder: HistoryRecorder;
}

/** Loads the table, and reloads it by difference. */
export class TableLoader {
  private running: Promise<LoadReport> | null = null;
  private readonly warnings: RowWarnings;

  constructor(
    private readonly loop: EngineLoop,
    private readonly ports: { readonly store: MachineStore; readonly clock: Clock; readonly log: Log },
    private readonly options: MachineLimit & { readonly persistent: boolean; readonly dialectOf: DialectOf },
    private readonly parts: Parts,
  ) {
    this.warnings = new RowWarnings(loop.engine.table, ports.log);
  }

  /** Whether the table was loaded at least once. */
  get loaded(): boolean {
    return this.loop.engine.isLoaded;
  }

  /** Concurrent calls share one run (S7). Rejects, and changes nothing in memory, when the database is unavailable. */
  reload(actor: Actor = SYSTEM): Promise<LoadReport> {
    this.running ??= this.parts.queue
      .ask(() => this.load(actor))
      .finally(() => {
        this.running = null;
      });
    return this.running;
  }

  /** Loads the rows of one cluster; machines in memory keep their state. For callers inside the table queue. */
  async loadCluster(clusterId: number, actor: Actor): Promise<void> {
    const { machines } = await this.read(clusterId);
    await this.loop.load({ type: 'load', machines, keepChanged: true, only: clusterId }, actor);
    await this.parts.addresses.follow();
    this.warnings.checkOwnRows();
    this.warnings.checkDisabled();
  }

  /** From now on own rows are compared with the addresses of the BIN listeners. */
  listeningAt(listeners: Listeners): void {
    this.warnings.listeningAt(listeners);
  }

  private async load(actor: Actor): Promise<LoadReport> {
    const { persistence, drains, reports, recorder, addresses } = this.parts;
    await persistence.writeChanges();
    await drains.read();
    const first = !this.loaded;
    if (first) await recorder.recall();
    const { machines, counts } = await this.read();
    const keepChanged = this.options.persistent;
    const loaded = await this.loop.load({ type: 'load', machines, keepChanged }, actor);
    drains.forgetEnded();
    const report = this.report(loaded, counts);
    reports.report({ kind: 'reload', first, report, by: actor.name });
    await addresses.follow();
    this.warnings.checkOwnRows();
    this.warnings.checkDisabled();
    return report;
  }

  /** The rows that concern this service, or those of one cluster; each gets its addresses and its drain when it is loaded. */
  private async read(clusterId?: number): Promise<{ machines: Iterable<ReadMachine>; counts: RowCounts }> {
    const { serverId, dialectOf } = this.options;
    const stored = await this.ports.store.load();
    const { memberless, ...rows } = await readRows(stored.rows, serverId, this.ports.clock, dialectOf);
    const { machines: read, skipped, ...more } = limitMachines(rows, this.options);
    const isWanted = (machine: ReadMachine) => machine.clusterId === clusterId;
    const wanted = clusterId === undefined ? read : read.filter(isWanted);
    const machines = this.filledIn(wanted, await this.parts.addresses.lookUpAll(wanted));
    const own = read.filter(({ machineId }) => machineId === serverId).length;
    this.warnings.checkMemberless(memberless, serverId);
    this.warnings.checkNulls(stored.nullDescriptions ?? 0);
    return { machines, counts: { ...more, skipped: [...stored.skipped, ...skipped], own } };
  }

  /** One machine after another, because lookups end and operators set drains while the machines before it are loaded. */
  private *filledIn(machines: readonly ReadMachine[], addAddresses: (machine: ReadMachine) => void) {
    for (const machine of machines) {
      addAddresses(machine);
      this.parts.drains.fillIn(machine);
      yield machine;
    }
  }

  private report(loaded: LoadCounts, counts: RowCounts): LoadReport {
    const { clusters, size } = this.loop.engine.table;
    return { clusters: clusters.length, machines: size, ...loaded, ...counts };
  }
}
