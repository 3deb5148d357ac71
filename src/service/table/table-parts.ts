import type { DialectOf } from '../../domain/cluster-dialect.js';
import type { EngineLoop } from '../engine-loop.js';
import type { HistoryRecorder } from '../events/history-recorder.js';
import type { Reports } from '../events/reports.js';
import type { Flushed, MachineStore } from '../ports/machine-store.js';
import type { OwnStores } from '../ports/own-stores.js';
import type { Resolver } from '../ports/resolver.js';
import type { WritePorts } from '../write-behind.js';
import { Addresses } from './addresses.js';
import { Drains } from './drains.js';
import { FleetRecords } from './fleet-records.js';
import type { MachineLimit } from './machine-limit.js';
import { Persistence } from './persistence.js';
import { Provisioner } from './provisioner.js';
import { TableLoader } from './table-loader.js';
import { TableQueue } from './table-queue.js';

interface TablePorts extends WritePorts {
  readonly store: MachineStore;
  readonly own: OwnStores | null;
  readonly resolver: Resolver;
  readonly sourceIp?: string | null;
  readonly flushed?: Flushed;
}

interface TableOptions extends MachineLimit {
  readonly persistent: boolean;
  readonly syncIntervalMs: number;
  readonly dialectOf: DialectOf;
  readonly nodeTimeoutSeconds: number;
}

/** All that keeps the table and memory in step. One queue orders its work. */
export class TableParts {
  readonly persistence: Persistence;
  readonly drains: Drains;
  readonly fleetRecords: FleetRecords;
  readonly addresses: Addresses;
  readonly loader: TableLoader;
  readonly provisioner: Provisioner;

  constructor(
    loop: EngineLoop,
    ports: TablePorts,
    options: TableOptions,
    events: { readonly reports: Reports; readonly recorder: HistoryRecorder },
  ) {
    const { own } = ports;
    const queue = new TableQueue();
    this.drains = new Drains(loop, { ...ports, drains: own?.drains ?? null }, queue);
    const fleet = own === null || 'unusable' in own.fleet ? null : own.fleet;
    this.fleetRecords = new FleetRecords(options.serverId, { ...ports, fleet }, queue);
    this.persistence = new Persistence(loop, ports, queue, options);
    this.addresses = new Addresses(loop, ports);
    const { addresses, drains, persistence } = this;
    this.loader = new TableLoader(loop, ports, options, { ...events, queue, persistence, addresses, drains });
    this.provisioner = new Provisioner({
      loop,
      queue,
      addresses,
      drains,
      reports: events.reports,
      loader: this.loader,
      store: ports.store,
      clock: ports.clock,
      leadership: ports.leadership,
      serverId: options.serverId,
      maxMachines: options.maxMachines,
      dialectOf: options.dialectOf,
      nodeTimeoutSeconds: options.nodeTimeoutSeconds,
    });
  }

  /** Stops the lookups and begins the last writes. Returns the end of each. */
  stop(): Promise<void>[] {
    this.addresses.stop();
    return [this.persistence.stop(), this.drains.stop(), this.fleetRecords.stop()];
  }
}
