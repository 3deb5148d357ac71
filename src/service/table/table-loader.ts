import type { LoadCounts } from '../../domain/commands.js';
import type { Machine } from '../../domain/machine.js';
import type { Clock, Log } from '../../ground/ports.js';
import type { Address } from '../../wire/address.js';
import { formatAddress } from '../../wire/address.js';
import { type Actor, SYSTEM } from '../actor.js';
import type { EngineLoop } from '../engine-loop.js';
import type { ChangeLog } from '../events/change-log.js';
import type { Recording } from '../events/history-recorder.js';
import type { MachineStore } from '../ports.js';
import { type LoadReport, type RowCounts, reloadView } from '../views/load-report.js';
import type { Addresses } from './addresses.js';
import type { Drains } from './drains.js';
import { limitMachines, type MachineLimit } from './machine-limit.js';
import { type ReadMachine, readRows } from './machine-rows.js';
import type { Persistence } from './persistence.js';
import type { TableQueue } from './table-queue.js';

/** Where this service receives BIN, in the clear and over TLS. */
interface Listeners {
  readonly bin: Address;
  readonly bins: Address | null;
}

interface Parts {
  readonly queue: TableQueue;
  readonly persistence: Persistence;
  readonly addresses: Addresses;
  readonly changes: ChangeLog;
  readonly drains: Drains;
  readonly recording: Recording;
}

/** Brings memory to what the table says, by difference. */
export class Reloading {
  private running: Promise<LoadReport> | null = null;
  private loadedOnce = false;
  private listeners: Listeners | null = null;
  /** The own row's url that was found to lead elsewhere, by cluster. */
  private readonly misplacedSaid = new Map<number, string>();

  private nullsSaid = 0;

  constructor(
    private readonly loop: EngineLoop,
    private readonly ports: { readonly store: MachineStore; readonly clock: Clock; readonly log: Log },
    private readonly options: MachineLimit & { readonly persistent: boolean },
    private readonly parts: Parts,
  ) {}

  /** Whether the table has been in memory at least once. */
  get loaded(): boolean {
    return this.loadedOnce;
  }

  /** Calls that come while one runs share it. Rejects when the database is away; memory is then as it was. */
  reload(actor: Actor = SYSTEM): Promise<LoadReport> {
    this.running ??= this.parts.queue
      .ask(() => this.load(actor))
      .finally(() => {
        this.running = null;
      });
    return this.running;
  }

  /** The load itself, for callers inside the table queue. */
  async load(actor: Actor = SYSTEM): Promise<LoadReport> {
    const by = actor.name;
    const { persistence, drains, changes, recording } = this.parts;
    await persistence.writeChanges();
    await drains.read();
    if (!this.loadedOnce) await recording.recall();
    const { machines, counts } = await this.read();
    drains.fillIn(machines);
    const loaded = this.loop.apply({ type: 'load', machines, keepChanged: this.options.persistent }, actor);
    drains.forgetEnded();
    const report = this.report(loaded, counts, by);
    recording.reloaded(report, !this.loadedOnce, by);
    this.loadedOnce = true;
    changes.append('nodes_reloaded', null, () => ({ ...reloadView(report), ...(by !== null && { by }) }));
    this.parts.addresses.follow();
    this.warnOfMisplacedOwnRows();
    return report;
  }

  /** Brings one cluster to the rows it has; what is in memory of them keeps its state. For callers inside the table queue. */
  async loadCluster(clusterId: number, actor: Actor): Promise<void> {
    const { machines } = await this.read(clusterId);
    this.parts.drains.fillIn(machines);
    this.loop.apply({ type: 'load', machines, keepChanged: true, only: clusterId }, actor);
    this.parts.addresses.follow();
    this.warnOfMisplacedOwnRows();
  }

  /** The rows that concern this service, or those of one cluster, with their addresses. */
  private async read(clusterId?: number): Promise<{ machines: ReadMachine[]; counts: RowCounts }> {
    const { serverId } = this.options;
    const stored = await this.ports.store.load();
    const rows = readRows(stored.rows, serverId, this.ports.clock.now());
    const { machines: read, skipped, ...more } = limitMachines(rows, this.options);
    const isWanted = (machine: ReadMachine) => machine.clusterId === clusterId;
    const machines = clusterId === undefined ? read : read.filter(isWanted);
    await this.parts.addresses.fillIn(machines);
    const own = read.filter(({ machineId }) => machineId === serverId).length;
    this.warnOfNulls(stored.nullDescriptions ?? 0);
    return { machines, counts: { ...more, skipped: [...stored.skipped, ...skipped], own } };
  }

  /** Says once how many rows OpenSIPS 2.2 cannot read: a daemon ends at its next reload, and does not start again. */
  private warnOfNulls(rows: number): void {
    if (rows === this.nullsSaid) return;
    this.nullsSaid = rows;
    if (rows === 0) return;
    this.ports.log.warn(
      { rows },
      "rows have NULL as their description, which ends every OpenSIPS 2.2 that reads them: set it to '' in the table",
    );
  }

  /** From now on own rows are held against where the BIN listeners are. */
  listeningAt(listeners: Listeners): void {
    this.listeners = listeners;
    this.warnOfMisplacedOwnRows();
  }

  /** Says once where an own row leads elsewhere than to the listener of its protocol: peers would send to nobody. */
  private warnOfMisplacedOwnRows(): void {
    const { listeners } = this;
    if (listeners === null) return;
    for (const { own, clusterId } of this.loop.engine.table.clusters) {
      if (own === null || this.misplacedSaid.get(clusterId) === own.url) continue;
      const listener = own.protocol === 'bins' ? listeners.bins : listeners.bin;
      if (listener !== null && leadsTo(own, listener)) continue;
      this.misplacedSaid.set(clusterId, own.url);
      const where = listener === null ? 'none' : formatAddress(listener.ip, listener.port);
      const fields = { cluster_id: clusterId, url: own.url, listener: where };
      this.ports.log.warn(fields, 'the url of the own row is not where the BIN listener is: peers send elsewhere');
    }
  }

  private report(loaded: LoadCounts, counts: RowCounts, by: string | null): LoadReport {
    const { log } = this.ports;
    const { clusters, size } = this.loop.engine.table;
    const { skipped, repaired } = counts;
    const report = { clusters: clusters.length, machines: size, ...loaded, ...counts };
    for (const row of skipped) log.warn({ ...row }, 'a row of the table was left out');
    for (const row of repaired) log.warn({ ...row }, 'a row of the table was repaired and loaded');
    const numbers = { ...report, skipped: skipped.length, repaired: repaired.length, ...(by !== null && { by }) };
    log.info(numbers, 'table loaded');
    return report;
  }
}

function leadsTo({ protocol, ips, port }: Machine, listener: Address): boolean {
  const anyIp = listener.ip === '0.0.0.0' || listener.ip === '::';
  return protocol.startsWith('bin') && port === listener.port && (anyIp || ips.includes(listener.ip));
}
