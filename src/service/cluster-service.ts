import type { DialectOf } from '../domain/cluster-dialect.js';
import type { Effect } from '../domain/effects.js';
import { Engine } from '../domain/engine.js';
import type { FleetSettings } from '../domain/fleets.js';
import type { Now } from '../ground/now.js';
import type { Clock, Log } from '../ground/ports.js';
import type { ReceivedRun } from '../wire/frame-run.js';
import { FleetCalls } from './calls/fleet-calls.js';
import { FleetQueries } from './calls/fleet-queries.js';
import { ModuleCalls } from './calls/module-calls.js';
import { Queries } from './calls/queries.js';
import { SendCalls } from './calls/send-calls.js';
import { StatusCommands } from './calls/status-commands.js';
import { TagCalls } from './calls/tag-calls.js';
import { PacketDecoder } from './delivery/packet-decoder.js';
import { type RegistrationOptions, Registrations } from './delivery/registrations.js';
import { EngineLoop, type Origin } from './engine-loop.js';
import { ChangeLog } from './events/change-log.js';
import { ChangePublisher } from './events/change-publisher.js';
import { eventOf, registrationEvent } from './events/event.js';
import { logEvent } from './events/event-log.js';
import { FleetEvents } from './events/fleet-events.js';
import { FleetFaultLog } from './events/fleet-fault-log.js';
import { HistoryLog, type HistoryOptions } from './events/history-log.js';
import { HistoryRecorder } from './events/history-recorder.js';
import { Journal } from './events/journal.js';
import type { PacketCount } from './events/packet-counts.js';
import { longestSilences } from './events/silences.js';
import { Statistics } from './events/statistics.js';
import { UnknownSourceLog } from './events/unknown-source-log.js';
import { Received, type Refused } from './fleet/received.js';
import { SyncDelivery } from './fleet/sync-delivery.js';
import { Transmitter } from './fleet/transmitter.js';
import type { CommandLog } from './log/command-log.js';
import { MemoryCommandLog } from './log/memory-command-log.js';
import type { Flushed, MachineStore, OwnStores, Replies, Resolution, Resolver, Sender } from './ports.js';
import { Addresses } from './table/addresses.js';
import { Drains } from './table/drains.js';
import { FleetRecords } from './table/fleet-records.js';
import { Persistence } from './table/persistence.js';
import { Provisioner } from './table/provisioner.js';
import { TableLoader } from './table/table-loader.js';
import { TableQueue } from './table/table-queue.js';

export interface ServicePorts {
  readonly store: MachineStore;
  /** Null: drains and history are in memory only. */
  readonly own: OwnStores | null;
  readonly sender: Sender;
  readonly replies: Replies;
  readonly resolver: Resolver;
  /** Where connections to machines come from; null: the system chooses. */
  readonly sourceIp?: string | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly flushed?: Flushed;
  /** Undefined: a log in memory. */
  readonly commands?: CommandLog | undefined;
}

export interface ServiceOptions extends RegistrationOptions, HistoryOptions {
  readonly maxMachines: number;
  readonly serverId: number;
  readonly persistent: boolean;
  readonly fleets: FleetSettings;
  readonly dialectOf: DialectOf;
  /** Seconds: the `duration` of machines in a table of version 4. */
  readonly nodeTimeoutSeconds: number;
  /** Whether payloads are decoded and encoded. */
  readonly decode: boolean;
  /** The names of fields whose values no client gets. */
  readonly redact: ReadonlySet<string>;
}

const JOIN_UNANSWERED =
  'nobody answers at this url of CLUSTERER_JOIN; check that it is the url of another machine of this cluster, that it runs with db_mode 0 (2.4 to 3.1: any), and that it can be reached from CLUSTERER_BIN_HOST';

/** The service around the engine: it applies the commands of the adapters, performs the effects, and returns views. */
export class ClusterService {
  readonly registrations: Registrations;
  readonly provisioner: Provisioner;
  readonly loader: TableLoader;
  readonly queries: Queries;
  readonly fleets: FleetQueries;
  readonly fleetCalls: FleetCalls;
  readonly status: StatusCommands;
  readonly modules: ModuleCalls;
  readonly tags: TagCalls;
  /** That of the command log: random for each start of the process, so that clients notice a restart. */
  readonly epoch: string;
  readonly decoder: PacketDecoder;
  readonly history: HistoryLog;
  /** What watchers receive. */
  readonly changes = new ChangeLog();
  readonly statistics = new Statistics();
  private readonly engine: Engine;
  private readonly loop: EngineLoop;
  private readonly persistence: Persistence;
  private readonly drains: Drains;
  private readonly fleetRecords: FleetRecords;
  private readonly transmitter: Transmitter;
  private readonly received: Received;
  private readonly syncs: SyncDelivery;
  private readonly fleetEvents = new FleetEvents();
  private readonly journal: Journal;
  private readonly addresses: Addresses;
  private readonly unknownSources: UnknownSourceLog;
  private readonly fleetFaults: FleetFaultLog;

  constructor(
    private readonly ports: ServicePorts,
    readonly options: ServiceOptions,
  ) {
    const queue = new TableQueue();
    this.engine = new Engine(options.serverId, options.fleets);
    const commands = ports.commands ?? new MemoryCommandLog(ports.clock);
    this.epoch = commands.epoch;
    const perform = (effect: Effect, origin: Origin, now: Now) => this.perform(effect, origin, now);
    this.loop = new EngineLoop(this.engine, ports.clock, perform, commands);
    const { clock, log, own } = ports;
    this.decoder = new PacketDecoder((clusterId, machineId) => {
      return this.engine.table.cell(clusterId, machineId)?.peer?.family ?? null;
    }, options.redact);
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
    this.fleetFaults = new FleetFaultLog(this.engine.fleets.settings.joins, ports);
    const sending = new SendCalls(this.loop, ports, options, this.statistics);
    this.registrations = new Registrations(
      this.loop,
      ports,
      options,
      this.epoch,
      (log, ended) => {
        this.journal.report(registrationEvent(log, ended));
        if (ended !== null) this.syncs.forget(log.registration.number);
      },
      (registration) => sending.keepAlive(registration),
    );
    this.drains = new Drains(this.loop, { drains: own?.drains ?? null, clock, log }, queue);
    this.engine.fleets.drainOf = (clusterId, machineId) => this.drains.of({ clusterId, machineId });
    const usable = own === null || 'unusable' in own.fleet ? null : own.fleet;
    this.fleetRecords = new FleetRecords(options.serverId, { fleet: usable, clock, log }, queue);
    this.transmitter = new Transmitter(this.engine.table, options.serverId, ports);
    this.received = new Received(this.loop);
    this.syncs = new SyncDelivery(this.engine.table, options.serverId, (number, notification, nowMs) => {
      this.registrations.append(number, notification, nowMs);
    });
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
    this.provisioner = new Provisioner({
      loop: this.loop,
      store: ports.store,
      clock: ports.clock,
      serverId: options.serverId,
      maxMachines: options.maxMachines,
      queue,
      loader: this.loader,
      addresses: this.addresses,
      drains: this.drains,
      dialectOf: options.dialectOf,
      nodeTimeoutSeconds: options.nodeTimeoutSeconds,
      journal: this.journal,
    });
    this.queries = new Queries(this.engine, this.registrations, this.changes, clock);
    this.fleets = new FleetQueries(this.engine, options.serverId);
    this.fleetCalls = new FleetCalls(this.loop, sending, this.journal, options.serverId);
    this.tags = new TagCalls(this.loop, clock, this.fleetRecords, options.serverId);
    this.status = new StatusCommands(this.loop, clock, this.drains);
    this.modules = new ModuleCalls(this.loop, this.registrations, sending, options);
  }

  /** Rises with every change that a machine may show, except the passing of time. */
  get machinesVersion(): number {
    return this.loop.machinesVersion;
  }

  /** Rows with unwritten changes; 0 unless persistent. */
  get dirtyRows(): number {
    return this.persistence.dirtyRows;
  }

  /** The longest current silence for each module with receptions, in milliseconds. */
  silences(): Map<string, number> {
    const registrations = this.engine.receiving.registrations;
    const { packetsReceived } = this.statistics;
    return longestSilences(registrations, this.ports.clock.now().monotonicMs, (name) => packetsReceived.nameOf(name));
  }

  /** What happened to received packets since the start. */
  packetCounts(): Iterable<PacketCount> {
    return this.statistics.packetsReceived.all(this.engine.receiving.registrations);
  }

  /** Returns why the packets are refused, or null. */
  packetsReceived(run: ReceivedRun): Refused | null {
    return this.received.take(run);
  }

  /** Becomes a member of the clusters of dialect 2.4. Their machines answer to the BIN listener, so it must be open. */
  async beginFleets(): Promise<void> {
    await this.fleetRecords.read();
    this.loop.apply({ type: 'begin_fleets', remembered: this.fleetRecords.remembered() });
  }

  /** Leaves them, with a last announcement. Comes before the sender closes. */
  endFleets(): void {
    this.loop.apply({ type: 'end_fleets' });
  }

  sendSucceeded(clusterId: number, machineId: number, attempt: number): void {
    if (!this.engine.wantsSuccess(clusterId, machineId)) return;
    this.loop.apply({ type: 'send_succeeded', clusterId, machineId, attempt });
  }

  sendFailed(clusterId: number, machineId: number, attempt: number): void {
    this.loop.apply({ type: 'send_failed', clusterId, machineId, attempt });
  }

  addressResolved(clusterId: number, machineId: number, host: string, found: Resolution): void {
    this.addresses.found(clusterId, machineId, host, found);
  }

  /** Stops the timers and writes unwritten changes. */
  async stop(): Promise<void> {
    this.registrations.stop();
    this.loop.stop();
    this.addresses.stop();
    const ended = await Promise.allSettled([
      this.persistence.stop(),
      this.drains.stop(),
      this.fleetRecords.stop(),
      this.history.stop(),
    ]);
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
  }

  private perform(effect: Effect, origin: Origin, now: Now): void {
    switch (effect.type) {
      case 'notify':
        this.registrations.append(effect.registration.number, effect.notification, now.monotonicMs);
        break;
      case 'sync_started':
      case 'sync_packet':
      case 'sync_ended':
      case 'sync_released':
        this.statistics.fleets.perform(effect, now.monotonicMs);
        this.syncs.perform(effect, now);
        break;
      case 'ping_answered':
        this.statistics.fleets.perform(effect, now.monotonicMs);
        break;
      case 'transmit':
      case 'relay':
      case 'forward':
        this.statistics.fleets.perform(effect, now.monotonicMs);
        this.transmitter.perform(effect);
        break;
      case 'sequence_reserved':
        this.fleetRecords.sequenceReserved(effect.clusterId, effect.kind, effect.seq);
        break;
      case 'family':
        this.fleetRecords.familyLearned(effect);
        break;
      case 'tag_wish':
        this.fleetRecords.tagChanged(effect);
        break;
      case 'row_changed':
        this.persistence.rowChanged();
        break;
      case 'disconnect':
        this.ports.sender.disconnect(effect.clusterId, effect.machineId);
        break;
      case 'unclaimed':
        this.statistics.packetsReceived.unclaimed += effect.run.count;
        break;
      case 'unknown_source':
        this.unknownSources.write(effect);
        break;
      case 'drain_changed':
        if (this.drains.follow(effect)) this.journal.report(eventOf(effect, origin));
        break;
      case 'link':
      case 'topology':
      case 'capability':
      case 'message':
      case 'tag':
      case 'fault':
      case 'own_node_removed': {
        if (effect.type === 'fault') this.fleetFaults.write(effect);
        const event = this.fleetEvents.of(effect, origin.by);
        if (event !== null) this.journal.report(event);
        if (effect.type === 'tag') this.tags.changed();
        break;
      }
      case 'join_unanswered':
        this.ports.log.warn({ cluster_id: effect.clusterId, url: effect.url }, JOIN_UNANSWERED);
        break;
      case 'attempt_failed':
      case 'next_hop':
        break;
      case 'machine_added':
        this.addresses.added(effect.machine);
        this.journal.report(eventOf(effect, origin));
        break;
      default:
        this.journal.report(eventOf(effect, origin));
    }
  }
}
