import { randomBytes } from 'node:crypto';
import type { Effect } from '../domain/effects.js';
import { Engine } from '../domain/engine.js';
import type { Cluster, MachineCell } from '../domain/table.js';
import { ServiceError } from '../ground/errors.js';
import type { Now } from '../ground/now.js';
import type { Clock, Log } from '../ground/ports.js';
import type { Snapshot } from '../schemas/changes.js';
import type { MachineView } from '../schemas/machine.js';
import type { ModuleView } from '../schemas/packet.js';
import type { ReceivedPacket } from '../wire/packet.js';
import { ModuleCalls } from './calls/module-calls.js';
import { Outgoing } from './calls/send.js';
import { Operating } from './calls/status-commands.js';
import type { RegistrationLog } from './delivery/registration-log.js';
import { type RegistrationOptions, Registrations } from './delivery/registrations.js';
import { EngineLoop, type Origin } from './engine-loop.js';
import { ChangeLog } from './events/change-log.js';
import { ChangePublisher } from './events/change-publisher.js';
import { eventOf, registrationEvent } from './events/event.js';
import { logEvent } from './events/event-log.js';
import { HistoryLog, type HistoryOptions } from './events/history-log.js';
import { HistoryRecorder } from './events/history-recorder.js';
import { Journal } from './events/journal.js';
import type { PacketCount } from './events/packet-counts.js';
import { longestSilences } from './events/silences.js';
import { Statistics } from './events/statistics.js';
import { UnknownSourceLog } from './events/unknown-source-log.js';
import type { Flushed, MachineStore, OwnStores, Resolution, Resolver, Sender } from './ports.js';
import { Addresses } from './table/addresses.js';
import { Drains } from './table/drains.js';
import { Persistence } from './table/persistence.js';
import { Provisioning } from './table/provisioning.js';
import { TableLoader } from './table/table-loader.js';
import { TableQueue } from './table/table-queue.js';
import { knownCluster, unknownMachine } from './views/errors.js';
import type { Provisioned } from './views/provisioned.js';
import { machineView, moduleView } from './views/views.js';

export interface ServicePorts {
  readonly store: MachineStore;
  /** Null: drains and history are in memory only. */
  readonly own: OwnStores | null;
  readonly sender: Sender;
  readonly resolver: Resolver;
  /** Where connections to machines come from; null: the system chooses. */
  readonly sourceIp?: string | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly flushed?: Flushed;
}

export interface ServiceOptions extends RegistrationOptions, HistoryOptions {
  readonly maxMachines: number;
  readonly serverId: number;
  readonly persistent: boolean;
}

/** The service around the engine: takes commands from the adapters, performs the effects, and answers what they ask. */
export class ClusterService {
  readonly registrations: Registrations;
  readonly provisioning: Provisioning;
  readonly loader: TableLoader;
  readonly operating: Operating;
  readonly modules: ModuleCalls;
  /** Random, one for each start of the process: tells a client that what it remembers is of an earlier one. */
  readonly epoch = randomBytes(9).toString('base64url');
  readonly history: HistoryLog;
  /** What operators watch. */
  readonly changes = new ChangeLog();
  readonly statistics = new Statistics();
  private readonly engine: Engine;
  private readonly loop: EngineLoop;
  private readonly persistence: Persistence;
  private readonly drains: Drains;
  private readonly journal: Journal;
  private readonly addresses: Addresses;
  private readonly unknownSources: UnknownSourceLog;

  constructor(
    private readonly ports: ServicePorts,
    readonly options: ServiceOptions,
  ) {
    const queue = new TableQueue();
    this.engine = new Engine(options.serverId);
    this.loop = new EngineLoop(this.engine, ports.clock, (effect, origin, now) => this.perform(effect, origin, now));
    const { clock, log, own } = ports;
    this.history = new HistoryLog({ history: own?.history ?? null, clock, log }, options);
    const publisher = new ChangePublisher(this.changes, this.engine.table, () => clock.now());
    const recorder = new HistoryRecorder(this.history);
    this.journal = new Journal([
      (event) => logEvent(log, event),
      (event) => publisher.publish(event),
      (event) => recorder.record(event),
      (event) => this.statistics.count(event),
    ]);
    this.unknownSources = new UnknownSourceLog(ports);
    const outgoing = new Outgoing(this.loop, ports, options, this.statistics);
    this.registrations = new Registrations(
      this.loop,
      ports,
      options,
      this.epoch,
      (registration, ended) => this.journal.report(registrationEvent(registration, ended)),
      (registration) => outgoing.keepAlive(registration),
    );
    this.drains = new Drains(this.loop, { drains: own?.drains ?? null, clock, log }, queue);
    this.persistence = new Persistence(this.loop, ports, queue, options);
    this.addresses = new Addresses(this.loop, ports);
    this.loader = new TableLoader(this.loop, ports, options, {
      queue,
      persistence: this.persistence,
      addresses: this.addresses,
      drains: this.drains,
      journal: this.journal,
      recorder,
    });
    this.provisioning = new Provisioning({
      loop: this.loop,
      store: ports.store,
      clock: ports.clock,
      serverId: options.serverId,
      maxMachines: options.maxMachines,
      queue,
      loader: this.loader,
      addresses: this.addresses,
      drains: this.drains,
      journal: this.journal,
    });
    this.operating = new Operating(this.loop, clock, this.drains);
    this.modules = new ModuleCalls(this.loop, this.registrations, outgoing);
  }

  /** Rises with all that may change what a machine shows, but for the time that passes. */
  get machinesVersion(): number {
    return this.loop.machinesVersion;
  }

  /** All clusters by ascending id. */
  get clusters(): readonly Cluster[] {
    return this.engine.table.clusters;
  }

  /** @throws `unknown_cluster`; a cluster exists while it has a loaded row. */
  cluster(clusterId: number): Cluster {
    return knownCluster(this.engine.table, clusterId);
  }

  /** @throws `unknown_cluster`, or `unknown_machine`: not there, the own row, or of another protocol than the one named. */
  machine(clusterId: number, machineId: number, protocol?: string): MachineCell {
    const cell = this.cluster(clusterId).cell(machineId);
    if (cell === undefined) throw unknownMachine(clusterId, machineId);
    if (protocol !== undefined && cell.machine.protocol !== protocol.toLowerCase()) {
      const detail = `Machine ${machineId} of cluster ${clusterId} speaks ${cell.machine.protocol}, not ${protocol}.`;
      throw new ServiceError('unknown_machine', detail);
    }
    return cell;
  }

  /** A machine as the outside sees it. */
  view(cell: Provisioned): MachineView {
    return machineView(cell, this.ports.clock.now());
  }

  /** The registrations as the outside sees them, by ascending number. */
  moduleViews(): ModuleView[] {
    const now = this.ports.clock.now();
    return [...this.registrations.all].map((log) => moduleView(log, now));
  }

  /** Rows whose changes are not in the table yet; 0 where they are never written. */
  get dirtyRows(): number {
    return this.persistence.dirtyRows;
  }

  /** For each module that watches machines, how long the longest silence lasts, in milliseconds. */
  silences(): Map<string, number> {
    const registrations = this.engine.receiving.registrations;
    const { packetsReceived } = this.statistics;
    return longestSilences(registrations, this.ports.clock.now().monotonicMs, (name) => packetsReceived.nameOf(name));
  }

  /** What became of the packets that came in since the start. */
  packetCounts(): Iterable<PacketCount> {
    return this.statistics.packetsReceived.all(this.engine.receiving.registrations);
  }

  /** All machines and registrations of a cluster, or of all clusters. */
  snapshot(clusterId: number | null): Snapshot {
    const clusters = this.clusters.filter((cluster) => clusterId === null || cluster.clusterId === clusterId);
    const logs = [...this.registrations.all].filter((log) => {
      return clusterId === null || clusterOf(log) === null || clusterOf(log) === clusterId;
    });
    const now = this.ports.clock.now();
    return {
      seq: this.changes.seq,
      nodes: clusters.flatMap((cluster) => cluster.machines).map((cell) => machineView(cell, now)),
      modules: logs.map((log) => moduleView(log, now)),
    };
  }

  packetReceived(packet: ReceivedPacket): void {
    this.loop.apply({ type: 'receive', packet });
  }

  sendSucceeded(clusterId: number, machineId: number, attempt: number): void {
    if (!this.engine.heedsSuccess(clusterId, machineId)) return;
    this.loop.apply({ type: 'send_succeeded', clusterId, machineId, attempt });
  }

  sendFailed(clusterId: number, machineId: number, attempt: number): void {
    this.loop.apply({ type: 'send_failed', clusterId, machineId, attempt });
  }

  addressResolved(clusterId: number, machineId: number, host: string, found: Resolution): void {
    this.addresses.found(clusterId, machineId, host, found);
  }

  /** Stops the timers and writes what is unwritten. */
  async stop(): Promise<void> {
    this.registrations.stop();
    this.loop.stop();
    this.addresses.stop();
    const ended = await Promise.allSettled([this.persistence.stop(), this.drains.stop(), this.history.stop()]);
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
  }

  private perform(effect: Effect, origin: Origin, now: Now): void {
    switch (effect.type) {
      case 'notify':
        this.registrations.append(effect.registration.number, effect.notification, now.monotonicMs);
        break;
      case 'row_changed':
        this.persistence.rowChanged();
        break;
      case 'disconnect':
        this.ports.sender.disconnect(effect.clusterId, effect.machineId);
        break;
      case 'unclaimed':
        this.statistics.packetsReceived.unclaimed += effect.packet.count;
        break;
      case 'unknown_source':
        this.unknownSources.write(effect);
        break;
      case 'drain_changed':
        if (this.drains.follow(effect)) this.journal.report(eventOf(effect, origin));
        break;
      case 'send':
      case 'loaded':
        break;
      default:
        this.journal.report(eventOf(effect, origin));
    }
  }
}

/** The cluster a registration concerns; null: any. */
function clusterOf({ registration }: RegistrationLog): number | null {
  return registration.clusterId === 0 ? null : registration.clusterId;
}
