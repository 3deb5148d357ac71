import { randomBytes } from 'node:crypto';
import { type Caller, requireRole } from '../access.js';
import type { Effect } from '../domain/effects.js';
import { Engine } from '../domain/engine.js';
import type { MachineStatus } from '../domain/machine.js';
import { type RegistrationRequest, sourceMismatch } from '../domain/reception.js';
import type { Cluster, MachineCell } from '../domain/table.js';
import { ServiceError } from '../errors.js';
import type { Snapshot } from '../schemas/changes.js';
import type { MachineView, StateName, UpMachine } from '../schemas/machine.js';
import type { ModuleView, PacketBody, SendResult } from '../schemas/packet.js';
import type { Resume, ResumeOutcome } from '../schemas/registration.js';
import { invalidInput } from '../schemas/validation.js';
import { ipOf } from '../wire/address.js';
import type { ReceivedPacket } from '../wire/packet.js';
import { Addresses } from './addresses.js';
import { ChangeLog } from './change-log.js';
import { EffectLog } from './effect-log.js';
import { EngineLoop, type Origin } from './engine-loop.js';
import { checkCarried, Outgoing, type OutgoingPacket } from './outgoing.js';
import { Persistence } from './persistence.js';
import type { Clock, Log, MachineStore, Resolver, Sender } from './ports.js';
import { type Provisioned, Provisioning } from './provisioning.js';
import { unknownCluster, unknownMachine } from './refusals.js';
import { type Holder, RegistrationLog } from './registration-log.js';
import { Registrations } from './registrations.js';
import { Reloading } from './reloading.js';
import type { ReplayOptions } from './replay.js';
import { TableQueue } from './table-queue.js';
import { machineView, moduleView, upMachine } from './views.js';
import { Watching } from './watching.js';

export interface ServicePorts {
  readonly store: MachineStore;
  readonly sender: Sender;
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ServiceOptions extends ReplayOptions {
  readonly serverId: number;
  readonly persistent: boolean;
  readonly syncIntervalMs: number;
}

/** A registration in force; `resumed` says how a resume went, where one was asked for. */
export interface Registered {
  readonly log: RegistrationLog;
  readonly resumed?: ResumeOutcome;
}

/** The service around the engine: takes commands from the adapters, performs the effects, and answers what they ask. */
export class ClusterService {
  readonly registrations: Registrations;
  readonly provisioning: Provisioning;
  readonly reloading: Reloading;
  /** Random, one for each start of the process: tells a client that what it remembers is of an earlier one. */
  readonly epoch = randomBytes(9).toString('base64url');
  /** What operators watch. */
  readonly changes = new ChangeLog();
  /** Packets that nobody is registered for; counted and dropped. */
  unclaimedPackets = 0;
  /** How many sockets were closed from this side, by close code. */
  readonly socketsClosed = new Map<number, number>();
  private readonly engine: Engine;
  private readonly loop: EngineLoop;
  private readonly persistence: Persistence;
  private readonly addresses: Addresses;
  private readonly outgoing: Outgoing;
  private readonly effectLog: EffectLog;
  private readonly watching: Watching;

  constructor(
    private readonly ports: ServicePorts,
    readonly options: ServiceOptions,
  ) {
    const queue = new TableQueue();
    this.engine = new Engine(options.serverId);
    this.loop = new EngineLoop(this.engine, ports.clock, (effect, origin) => this.perform(effect, origin));
    this.watching = new Watching(this.changes, this.engine.table, () => ports.clock.now());
    this.registrations = new Registrations(this.loop, ports, options, this.epoch, (method, log) => {
      this.changes.append(method, clusterOf(log), () => moduleView(log, ports.clock.now()));
    });
    this.persistence = new Persistence(this.loop, ports, queue, options);
    this.addresses = new Addresses(this.loop, ports);
    this.reloading = new Reloading(this.loop, ports, options, {
      queue,
      persistence: this.persistence,
      addresses: this.addresses,
      changes: this.changes,
    });
    this.provisioning = new Provisioning(this.loop, ports, options, {
      queue,
      reloading: this.reloading,
      addresses: this.addresses,
    });
    this.outgoing = new Outgoing(this.loop, ports, options);
    this.effectLog = new EffectLog(ports);
  }

  /** All clusters by ascending id. */
  get clusters(): readonly Cluster[] {
    return this.engine.table.clusters;
  }

  /** @throws `unknown_cluster`; a cluster exists while it has a loaded row. */
  cluster(clusterId: number): Cluster {
    const cluster = this.engine.table.cluster(clusterId);
    if (cluster === undefined) throw unknownCluster(clusterId);
    return cluster;
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

  /** The machines that are up, those whose duration has passed included (the seed's `get_nodes`). */
  upMachines(clusterId: number, protocol = 'bin'): UpMachine[] {
    const cluster = this.cluster(clusterId);
    this.loop.apply({ type: 'enable_due', clusterId });
    const wanted = protocol.toLowerCase();
    const up = cluster.machines.filter(({ machine }) => machine.state === 'up' && machine.protocol === wanted);
    return up.map(({ machine }) => upMachine(machine));
  }

  /**
   * The seed's `check`: whether some machine of the cluster has this protocol, machine id and IP.
   * @param address `IP`, `IP:port` or `[IP6]:port`; the port is not compared
   * @throws `unknown_cluster`, `invalid_input`
   */
  check(clusterId: number, address: string, machineId: number, protocol = 'bin'): boolean {
    const machine = this.cluster(clusterId).cell(machineId)?.machine;
    const ip = ipOf(address);
    if (ip === null)
      throw invalidInput([{ pointer: '/address', detail: 'must be an IP address, with or without a port' }]);
    return sourceMismatch(machine, protocol.toLowerCase(), ip) === null;
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

  setStatus(
    cell: MachineCell,
    status: MachineStatus,
    caller: Caller,
    cause: 'operator' | 'set_state' = 'operator',
  ): void {
    const { clusterId, machineId } = cell.machine;
    this.loop.apply({ type: 'set_status', clusterId, machineId, status, cause }, caller.name);
  }

  /**
   * The seed's `set_state`: 0 and 1 set the state, 2 counts one failed attempt of a machine that is up.
   * @throws `forbidden` when the caller may only count
   */
  setState(cell: MachineCell, state: StateName, caller: Caller): void {
    const { clusterId, machineId } = cell.machine;
    if (state === 2 || state === 'temp_disabled') {
      this.loop.apply({ type: 'count_failure', clusterId, machineId }, caller.name);
      return;
    }
    requireRole(caller, 'operate');
    this.setStatus(cell, state === 1 || state === 'up' ? 'up' : 'down', caller, 'set_state');
  }

  /** The seed's `send_to`. @throws `unknown_cluster`, `protocol_not_supported`, `payload_too_long` */
  async sendTo(clusterId: number, packet: PacketBody): Promise<SendResult[]> {
    this.cluster(clusterId);
    return this.outgoing.sendTo(clusterId, packet);
  }

  /** The same for a payload that is bytes. */
  async sendPacket(clusterId: number, packet: OutgoingPacket): Promise<SendResult[]> {
    this.cluster(clusterId);
    return this.outgoing.send(clusterId, packet);
  }

  /** Takes up the registration that `resume` names, or makes a new one. @throws `protocol_not_supported` */
  register(request: RegistrationRequest, caller: Caller, holder: Holder, resume?: Resume): Registered {
    checkCarried(request.protocol);
    if (resume === undefined) return { log: this.registrations.register(request, caller, holder) };
    const found = this.registrations.resume(resume, request, caller, holder);
    if (found instanceof RegistrationLog) {
      return { log: found, resumed: { resumed: true, missed: found.seq - resume.seq } };
    }
    return { log: this.registrations.register(request, caller, holder), resumed: { resumed: false, ...found } };
  }

  /** A socket was closed from this side. */
  socketClosed(code: number): void {
    this.socketsClosed.set(code, (this.socketsClosed.get(code) ?? 0) + 1);
  }

  packetReceived(packet: ReceivedPacket): void {
    this.loop.apply({ type: 'receive', packet });
  }

  sendSucceeded(clusterId: number, machineId: number, attempt: number): void {
    this.loop.apply({ type: 'send_succeeded', clusterId, machineId, attempt });
  }

  sendFailed(clusterId: number, machineId: number, attempt: number): void {
    this.loop.apply({ type: 'send_failed', clusterId, machineId, attempt });
  }

  addressResolved(clusterId: number, machineId: number, host: string, ip: string | null): void {
    this.loop.apply({ type: 'address_resolved', clusterId, machineId, host, ip });
    if (ip === null) this.addresses.followUnresolved();
  }

  /** Stops the timers and writes what is unwritten. */
  async stop(): Promise<void> {
    this.registrations.stop();
    this.loop.stop();
    this.addresses.stop();
    await this.persistence.stop();
  }

  private perform(effect: Effect, origin: Origin): void {
    switch (effect.type) {
      case 'notify':
        this.registrations.append(effect.registration.number, effect.notification);
        break;
      case 'row_changed':
        this.persistence.rowChanged();
        break;
      case 'disconnect':
        this.ports.sender.disconnect(effect.clusterId, effect.machineId);
        break;
      case 'unclaimed':
        this.unclaimedPackets++;
        break;
      case 'send':
      case 'loaded':
        break;
      default:
        this.effectLog.write(effect);
        this.watching.tell(effect, origin);
    }
  }
}

/** The cluster a registration concerns; null: any. */
function clusterOf({ registration }: RegistrationLog): number | null {
  return registration.clusterId === 0 ? null : registration.clusterId;
}
