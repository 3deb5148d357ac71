import { memberMismatch } from '../../domain/fleet/source-check.js';
import { type RegistrationRequest, sourceMismatch } from '../../domain/reception.js';
import { isSendable } from '../../domain/send-side.js';
import type { ClusterTable } from '../../domain/table.js';
import { ServiceError } from '../../ground/errors.js';
import type { UpMachine } from '../../schemas/machine.js';
import type { PacketBody, SendResult } from '../../schemas/packet.js';
import type { Resume, ResumeOutcome } from '../../schemas/registration.js';
import { invalidInput } from '../../schemas/validation.js';
import type { Caller } from '../../security/tokens.js';
import { ipOf } from '../../wire/address.js';
import { SYNCABLE } from '../../wire/modules/sync.js';
import type { RegistrationCalls } from '../delivery/registration-calls.js';
import { RegistrationLog, type Subscriber } from '../delivery/registration-log.js';
import type { EngineLoop } from '../engine-loop.js';
import { knownCluster } from '../views/errors.js';
import { upMachine } from '../views/views.js';
import { addressFaults } from './check-address.js';
import {
  checkDecoding,
  checkedCapability,
  checkName,
  checkProtocol,
  checkReserved,
  type DecodeOptions,
} from './packet-checks.js';
import type { OutgoingPacket, SendCalls } from './send-calls.js';

/** A new or resumed registration; `resumed` is the outcome of the resume, if one was requested. */
export interface Registered {
  readonly log: RegistrationLog;
  readonly resumed?: ResumeOutcome;
}

/** What modules call: the functions that the `clusterer` module of OpenSIPS 2.2 exports. */
export class ModuleCalls {
  constructor(
    private readonly loop: EngineLoop,
    private readonly registrations: RegistrationCalls,
    private readonly sending: SendCalls,
    private readonly options: DecodeOptions,
  ) {}

  /** `get_nodes` of OpenSIPS 2.2: the machines that packets are sent to, after those that are due are enabled (S1). @throws `unknown_cluster` */
  upMachines(clusterId: number, protocol = 'bin'): UpMachine[] {
    const cluster = knownCluster(this.table, clusterId);
    this.loop.post({ type: 'enable_due', clusterId });
    const wanted = protocol.toLowerCase();
    const sendable = cluster.machines.filter((cell) => isSendable(cell) && cell.machine.protocol === wanted);
    return sendable.map(({ machine }) => upMachine(machine));
  }

  /**
   * `check` of OpenSIPS 2.2: returns true if a machine of the cluster has this protocol, machine id and IP. In dialect 2.4 the IP may be that
   * of another machine, which routed the packet (F9).
   * @param address `IP`, `IP:port` or `[IP6]:port`; the port is not compared
   * @throws `unknown_cluster`, `invalid_input`
   */
  check(clusterId: number, address: string, machineId: number, protocol = 'bin'): boolean {
    const cluster = knownCluster(this.table, clusterId);
    const machine = cluster.cell(machineId)?.machine;
    const ip = ipOf(address);
    if (ip === null) throw invalidInput(addressFaults({ address }));
    const wanted = protocol.toLowerCase();
    if (cluster.fleet === null) return sourceMismatch(machine, wanted, ip) === null;
    return machine?.protocol === wanted && memberMismatch(cluster.fleet.peers.members, machineId, ip) === null;
  }

  /** `send_to` of OpenSIPS 2.2. @throws `unknown_cluster`, and the errors of `SendCalls.send` */
  async sendTo(clusterId: number, packet: PacketBody): Promise<SendResult[]> {
    knownCluster(this.table, clusterId);
    return this.sending.sendTo(clusterId, packet);
  }

  /** The same for a payload that is bytes. */
  async sendPacket(clusterId: number, packet: OutgoingPacket): Promise<SendResult[]> {
    knownCluster(this.table, clusterId);
    return this.sending.send(clusterId, packet);
  }

  /**
   * Resumes a registration, or creates a new one. Only a new one has its sync.
   * @throws `protocol_not_supported`, `sync_not_supported`, `decode_not_supported`, `module_reserved`, `invalid_input`, `registrations_exhausted`
   */
  async register(
    request: RegistrationRequest,
    caller: Caller,
    subscriber: Subscriber,
    resume?: Resume,
  ): Promise<Registered> {
    checkProtocol(request.protocol);
    if (this.isInFleet(request.clusterId)) {
      // A registration for all clusters may be meant for those of dialect 2.2. Fleets announce only what they can.
      if (request.clusterId === 0) checkReserved(request.module);
      else checkedCapability(request.module);
    }
    // The name is sent in each keepalive.
    if (request.keepaliveMs) checkName(request.module);
    if (request.sync) this.checkSync(request);
    if (request.decode) checkDecoding(this.options);
    if (resume === undefined) return { log: await this.registrations.register(request, caller.name, subscriber) };
    const found = await this.registrations.resume(resume, request, caller.name, subscriber);
    if (found instanceof RegistrationLog) {
      return { log: found, resumed: { resumed: true, missed: found.seq - resume.seq } };
    }
    return {
      log: await this.registrations.register(request, caller.name, subscriber),
      resumed: { resumed: false, ...found },
    };
  }

  /** Asks again for what other machines hold. @throws `sync_not_supported` */
  async resync({ registration }: RegistrationLog): Promise<void> {
    this.checkSync(registration);
    await this.loop.apply({ type: 'sync', number: registration.number });
  }

  /** A request for a sync that a machine does not have goes unanswered, or harms it (Y1). @throws `sync_not_supported` */
  private checkSync({ module, clusterId }: RegistrationRequest): void {
    if (this.loop.engine.fleets.canSync(clusterId, module)) return;
    const detail = `Only modules of clusters that speak 2.4 have a sync (CLUSTERER_DIALECT), and only these: ${SYNCABLE.join(', ')}.`;
    throw new ServiceError('sync_not_supported', detail);
  }

  /** Whether packets of a fleet may come to a registration for this cluster; 0: for any. */
  private isInFleet(clusterId: number): boolean {
    const { engine } = this.loop;
    if (clusterId !== 0) return engine.dialectOf(clusterId) === '2.4';
    return engine.table.clusters.some((cluster) => engine.dialectOf(cluster.clusterId) === '2.4');
  }

  private get table(): ClusterTable {
    return this.loop.engine.table;
  }
}
