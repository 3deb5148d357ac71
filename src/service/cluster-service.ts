import { randomUUID } from 'node:crypto';
import { Engine } from '../domain/engine.js';
import type { Registration } from '../domain/reception.js';
import type { ReceivedRun } from '../wire/frame-run.js';
import { FleetCalls } from './calls/fleet-calls.js';
import { FleetQueries } from './calls/fleet-queries.js';
import { ModuleCalls } from './calls/module-calls.js';
import { Queries } from './calls/queries.js';
import { KEEPALIVE, SendCalls } from './calls/send-calls.js';
import { StatusCommands } from './calls/status-commands.js';
import { TagCalls } from './calls/tag-calls.js';
import { PacketDecoder } from './delivery/packet-decoder.js';
import { RegistrationCalls } from './delivery/registration-calls.js';
import { Registrations } from './delivery/registrations.js';
import { EffectPerformer } from './effect-performer.js';
import { EngineLoop, type Perform } from './engine-loop.js';
import { ChangeLog } from './events/change-log.js';
import { ChangePublisher } from './events/change-publisher.js';
import { type Event, registrationEvent } from './events/event.js';
import { logEvent } from './events/event-log.js';
import { FleetEvents } from './events/fleet-events.js';
import { FleetFaultLog } from './events/fleet-fault-log.js';
import { HistoryLog } from './events/history-log.js';
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
import { MemoryCommandLog } from './log/memory-command-log.js';
import type { Resolution } from './ports/resolver.js';
import { atLeader, type LeaderPart } from './replicas/leader-calls.js';
import { ReplicaSide, toLeader } from './replicas/replica-side.js';
import type { ServiceOptions, ServicePorts } from './service-ports.js';
import type { Provisioner } from './table/provisioner.js';
import type { TableLoader } from './table/table-loader.js';
import { TableParts } from './table/table-parts.js';

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
  private readonly table: TableParts;
  private readonly received: Received;
  private readonly syncs: SyncDelivery;

  constructor(
    private readonly ports: ServicePorts,
    readonly options: ServiceOptions,
  ) {
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
      (log, ended) => {
        journal.report(registrationEvent(log, ended));
        if (ended !== null) this.syncs.forget(log.registration.number);
      },
      (registration) => this.keepAlive(registration),
    );
    this.received = new Received(this.loop);
    this.syncs = new SyncDelivery(this.engine.table, options.serverId, (number, notification, nowMs) => {
      this.registrations.append(number, notification, nowMs);
    });
    this.table = new TableParts(this.loop, { ...ports, leadership }, options, { reports, recorder });
    const { persistence, drains, fleetRecords, addresses, loader } = this.table;
    const led = <T extends object>(part: LeaderPart, target: T): T =>
      !replica ? target : atLeader(part, target, replica.leadership, (call) => toLeader(replica, call, this.modules));
    this.loader = led('loader', loader);
    this.provisioner = led('provisioner', this.table.provisioner);
    this.queries = new Queries(this.engine, this.registrations, this.changes, clock);
    this.fleets = new FleetQueries(this.engine, options.serverId);
    this.fleetCalls = led('fleetCalls', new FleetCalls(this.loop, sending, reports, options.serverId));
    this.tags = led('tags', new TagCalls(this.loop, clock, fleetRecords, options.serverId));
    this.status = led('status', new StatusCommands(this.loop, clock, drains));
    const registering = new RegistrationCalls(this.loop, this.registrations, options.maxRegistrations, this.epoch);
    this.modules = led('modules', new ModuleCalls(this.loop, registering, sending, options));
    const fleetEvents = new FleetEvents();
    const performer = new EffectPerformer({
      leadership,
      registrations: this.registrations,
      statistics: this.statistics,
      syncs: this.syncs,
      transmitter: new Transmitter(this.engine.table, options.serverId, ports),
      persistence,
      drains,
      fleetRecords,
      fleetEvents,
      fleetFaults: new FleetFaultLog(this.engine.fleets.settings.joins, ports),
      unknownSources: new UnknownSourceLog(ports),
      addresses,
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
      persistence,
      drains,
      fleetRecords,
      addresses,
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
    return this.table.persistence.dirtyRows;
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
    const { fleetRecords, drains } = this.table;
    await fleetRecords.read();
    await this.loop.apply({ type: 'begin_fleets', remembered: fleetRecords.remembered(drains.unloaded()) });
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
    this.table.addresses.found(clusterId, machineId, host, found);
  }

  /** Stops the timers and writes unwritten changes. */
  async stop(): Promise<void> {
    this.registrations.stop();
    this.loop.stop();
    const ended = await Promise.allSettled([...this.table.stop(), this.history.stop(), this.ports.webhooks?.stop()]);
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
  }

  /** Sends an empty packet of the module. Failures show in the states of the machines. In dialect 2.4 pings do that. */
  private keepAlive({ module, protocol, clusterId }: Registration): void {
    if (this.engine.dialectOf(clusterId) !== '2.2' || this.engine.table.cluster(clusterId) === undefined) return;
    // Without a leader, the next one is sent.
    this.modules.sendPacket(clusterId, { module, protocol, ...KEEPALIVE }).catch(() => undefined);
  }
}
