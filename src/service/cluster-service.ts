import { randomUUID } from 'node:crypto';
import type { DialectOf } from '../domain/cluster-dialect.js';
import { Engine } from '../domain/engine.js';
import type { FleetSettings } from '../domain/fleets.js';
import type { Registration } from '../domain/reception.js';
import type { Clock, Log } from '../ground/ports.js';
import type { ReceivedRun } from '../wire/frame-run.js';
import { FleetCalls } from './calls/fleet-calls.js';
import { FleetQueries } from './calls/fleet-queries.js';
import { ModuleCalls } from './calls/module-calls.js';
import { Queries } from './calls/queries.js';
import { KEEPALIVE, SendCalls } from './calls/send-calls.js';
import { StatusCommands } from './calls/status-commands.js';
import { TagCalls } from './calls/tag-calls.js';
import { PacketDecoder } from './delivery/packet-decoder.js';
import { type RegistrationOptions, Registrations } from './delivery/registrations.js';
import { EffectPerformer } from './effect-performer.js';
import { EngineLoop, type Perform } from './engine-loop.js';
import { ChangeLog } from './events/change-log.js';
import { ChangePublisher } from './events/change-publisher.js';
import { type Event, registrationEvent } from './events/event.js';
import { logEvent } from './events/event-log.js';
import { FleetEvents } from './events/fleet-events.js';
import { FleetFaultLog } from './events/fleet-fault-log.js';
import { HistoryLog, type HistoryOptions } from './events/history-log.js';
import { HistoryRecorder } from './events/history-recorder.js';
import { Journal } from './events/journal.js';
import type { PacketCount } from './events/packet-counts.js';
import { Reports } from './events/reports.js';
import { longestSilences } from './events/silences.js';
import { Statistics } from './events/statistics.js';
import { UnknownSourceLog } from './events/unknown-source-log.js';
import { Received, type Refused } from './fleet/received.js';
import { SyncDelivery } from './fleet/sync-delivery.js';
import { Transmitter } from './fleet/transmitter.js';
import { ALONE } from './leadership.js';
import type { CommandLog } from './log/command-log.js';
import { MemoryCommandLog } from './log/memory-command-log.js';
import type { Flushed, MachineStore } from './ports/machine-store.js';
import type { OwnStores } from './ports/own-stores.js';
import type { Resolution, Resolver } from './ports/resolver.js';
import type { Replies, Sender } from './ports/sender.js';
import { atLeader, type LeaderPart } from './replicas/leader-calls.js';
import type { Replica } from './replicas/port.js';
import { ReplicaSide, toLeader } from './replicas/replica-side.js';
import { Addresses } from './table/addresses.js';
import { Drains } from './table/drains.js';
import { FleetRecords } from './table/fleet-records.js';
import { Persistence } from './table/persistence.js';
import { Provisioner } from './table/provisioner.js';
import { TableLoader } from './table/table-loader.js';
import { TableQueue } from './table/table-queue.js';
import type { Webhooks } from './webhooks/webhooks.js';

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
  /** Null: this process is not one of several. */
  readonly replica?: Replica | null;
  /** Null: none is configured. */
  readonly webhooks?: Webhooks | null;
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

/** The service around the engine: it applies the commands of the adapters, has the effects performed, and returns views. */
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
  /** Replicas number changes on their own, so an event id of one means nothing to the others. */
  readonly changesEpoch: string;
  readonly replicaSide: ReplicaSide;
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
  private readonly received: Received;
  private readonly syncs: SyncDelivery;
  private readonly addresses: Addresses;

  constructor(
    private readonly ports: ServicePorts,
    readonly options: ServiceOptions,
  ) {
    const queue = new TableQueue();
    this.engine = new Engine(options.serverId, options.fleets);
    const { clock, log, own, sender, replica, webhooks } = ports;
    const commands = replica?.commands ?? ports.commands ?? new MemoryCommandLog(clock);
    this.epoch = commands.epoch;
    this.changesEpoch = replica ? randomUUID() : this.epoch;
    const leadership = replica?.leadership ?? ALONE;
    const perform: Perform = (...effect) => performer.perform(...effect);
    this.loop = new EngineLoop(this.engine, clock, perform, commands, leadership);
    this.decoder = new PacketDecoder({
      familyOf: (clusterId, machineId) => this.engine.table.cell(clusterId, machineId)?.peer?.family ?? null,
      isShared: (module) => this.engine.receiveSide.isDecodedBySeveral(module),
      redacted: options.redact,
    });
    this.history = new HistoryLog({ history: own?.history ?? null, clock, log, leadership }, options);
    const publisher = new ChangePublisher(this.changes, this.engine.table, () => clock.now());
    const recorder = new HistoryRecorder(this.history);
    const journal = new Journal([
      (event) => logEvent(log, event),
      (event) => publisher.publish(event),
      (event) => recorder.record(event),
      (event) => this.statistics.count(event),
      ...(webhooks ? [(event: Event) => webhooks.take(event, publisher.view)] : []),
    ]);
    const reports = new Reports(this.loop, journal);
    const sending = new SendCalls(this.loop, ports, options, this.statistics);
    this.registrations = new Registrations(
      this.loop,
      { clock, log, leadership },
      options,
      this.epoch,
      (log, ended) => {
        journal.report(registrationEvent(log, ended));
        if (ended !== null) this.syncs.forget(log.registration.number);
      },
      (registration) => this.keepAlive(registration),
    );
    this.drains = new Drains(this.loop, { drains: own?.drains ?? null, clock, log, leadership }, queue);
    const usable = own === null || 'unusable' in own.fleet ? null : own.fleet;
    this.fleetRecords = new FleetRecords(options.serverId, { fleet: usable, clock, log, leadership }, queue);
    this.received = new Received(this.loop);
    this.syncs = new SyncDelivery(this.engine.table, options.serverId, (number, notification, nowMs) => {
      this.registrations.append(number, notification, nowMs);
    });
    this.persistence = new Persistence(this.loop, { ...ports, leadership }, queue, options);
    this.addresses = new Addresses(this.loop, ports);
    const led = <T extends object>(part: LeaderPart, target: T): T =>
      !replica ? target : atLeader(part, target, replica.leadership, (call) => toLeader(replica, call, this.modules));
    const loader = new TableLoader(this.loop, ports, options, {
      queue,
      persistence: this.persistence,
      addresses: this.addresses,
      drains: this.drains,
      reports,
      recorder,
    });
    this.loader = led('loader', loader);
    const provisioner = new Provisioner({
      loop: this.loop,
      reports,
      store: ports.store,
      clock: ports.clock,
      serverId: options.serverId,
      maxMachines: options.maxMachines,
      queue,
      loader,
      addresses: this.addresses,
      drains: this.drains,
      dialectOf: options.dialectOf,
      nodeTimeoutSeconds: options.nodeTimeoutSeconds,
      leadership,
    });
    this.provisioner = led('provisioner', provisioner);
    this.queries = new Queries(this.engine, this.registrations, this.changes, clock);
    this.fleets = new FleetQueries(this.engine, options.serverId);
    this.fleetCalls = led('fleetCalls', new FleetCalls(this.loop, sending, reports, options.serverId));
    this.tags = led('tags', new TagCalls(this.loop, clock, this.fleetRecords, options.serverId));
    this.status = led('status', new StatusCommands(this.loop, clock, this.drains));
    this.modules = led('modules', new ModuleCalls(this.loop, this.registrations, sending, options));
    const fleetEvents = new FleetEvents();
    const performer = new EffectPerformer({
      leadership,
      registrations: this.registrations,
      statistics: this.statistics,
      syncs: this.syncs,
      transmitter: new Transmitter(this.engine.table, options.serverId, ports),
      persistence: this.persistence,
      drains: this.drains,
      fleetRecords: this.fleetRecords,
      fleetEvents,
      fleetFaults: new FleetFaultLog(this.engine.fleets.settings.joins, ports),
      unknownSources: new UnknownSourceLog(ports),
      addresses: this.addresses,
      journal,
      sender,
      log,
      tagsChanged: () => this.tags.changed(),
    });
    this.replicaSide = new ReplicaSide({
      engine: this.engine,
      loop: this.loop,
      registrations: this.registrations,
      syncs: this.syncs,
      fleetEvents,
      history: this.history,
      persistence: this.persistence,
      drains: this.drains,
      fleetRecords: this.fleetRecords,
      addresses: this.addresses,
      loader,
      sender,
      webhooks: webhooks ?? null,
      beginFleets: () => this.beginFleets(),
      calls: this,
    });
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
    const registrations = this.engine.receiveSide.registrations;
    const { packetsReceived } = this.statistics;
    return longestSilences(registrations, this.ports.clock.now().monotonicMs, (name) => packetsReceived.nameOf(name));
  }

  /** What happened to received packets since the start. */
  packetCounts(): Iterable<PacketCount> {
    return this.statistics.packetsReceived.all(this.engine.receiveSide.registrations);
  }

  /** Returns why the packets are refused, or null. */
  packetsReceived(run: ReceivedRun): Refused | null {
    const refused = this.received.take(run);
    if (refused === 'other_dialect') this.statistics.fleets.refuse(run, this.engine.table);
    return refused;
  }

  /** Becomes a member of the clusters of dialect 2.4. Their machines answer to the BIN listener, so it must be open. */
  async beginFleets(): Promise<void> {
    await this.fleetRecords.read();
    await this.loop.apply({ type: 'begin_fleets', remembered: this.fleetRecords.remembered(this.drains.unloaded()) });
  }

  /** Leaves them, with a last announcement. Comes before the sender closes. */
  async endFleets(): Promise<void> {
    await this.loop.apply({ type: 'end_fleets' });
  }

  sendSucceeded(clusterId: number, machineId: number, attempt: number): void {
    if (!this.engine.wantsSuccess(clusterId, machineId)) return;
    this.loop.post({ type: 'send_succeeded', clusterId, machineId, attempt });
  }

  sendFailed(clusterId: number, machineId: number, attempt: number): void {
    this.loop.post({ type: 'send_failed', clusterId, machineId, attempt });
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
      this.ports.webhooks?.stop(),
    ]);
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
  }

  /** Sends an empty packet of the module. Failures show in the states of the machines. In dialect 2.4 pings do that. */
  private keepAlive({ module, protocol, clusterId }: Registration): void {
    if (this.engine.dialectOf(clusterId) !== '2.2' || this.engine.table.cluster(clusterId) === undefined) return;
    // Without a leader, the next one is sent.
    this.modules.sendPacket(clusterId, { module, protocol, ...KEEPALIVE }).catch(() => undefined);
  }
}
