import { type RegistrationRequest, sourceMismatch } from '../../domain/reception.js';
import type { ClusterTable } from '../../domain/table.js';
import type { UpMachine } from '../../schemas/machine.js';
import type { PacketBody, SendResult } from '../../schemas/packet.js';
import type { Resume, ResumeOutcome } from '../../schemas/registration.js';
import { invalidInput } from '../../schemas/validation.js';
import type { Caller } from '../../security/tokens.js';
import { ipOf } from '../../wire/address.js';
import { type Holder, RegistrationLog } from '../delivery/registration-log.js';
import type { Registrations } from '../delivery/registrations.js';
import type { EngineLoop } from '../engine-loop.js';
import { knownCluster } from '../views/errors.js';
import { upMachine } from '../views/views.js';
import { checkCarried, checkName, type OutgoingPacket, type SendCalls } from './send-calls.js';

/** A registration in force; `resumed` says how a resume went, where one was asked for. */
export interface Registered {
  readonly log: RegistrationLog;
  readonly resumed?: ResumeOutcome;
}

/** What a module asks of a cluster: the functions that OpenSIPS 2.2's module offers to others. */
export class ModuleCalls {
  constructor(
    private readonly loop: EngineLoop,
    private readonly registrations: Registrations,
    private readonly sending: SendCalls,
  ) {}

  /** The machines that are up, those whose duration has passed included (OpenSIPS 2.2's `get_nodes`). @throws `unknown_cluster` */
  upMachines(clusterId: number, protocol = 'bin'): UpMachine[] {
    const cluster = knownCluster(this.table, clusterId);
    this.loop.apply({ type: 'enable_due', clusterId });
    const wanted = protocol.toLowerCase();
    const up = cluster.machines.filter(({ machine }) => machine.state === 'up' && machine.protocol === wanted);
    return up.map(({ machine }) => upMachine(machine));
  }

  /**
   * OpenSIPS 2.2's `check`: whether some machine of the cluster has this protocol, machine id and IP.
   * @param address `IP`, `IP:port` or `[IP6]:port`; the port is not compared
   * @throws `unknown_cluster`, `invalid_input`
   */
  check(clusterId: number, address: string, machineId: number, protocol = 'bin'): boolean {
    const machine = knownCluster(this.table, clusterId).cell(machineId)?.machine;
    const ip = ipOf(address);
    if (ip === null)
      throw invalidInput([{ pointer: '/address', detail: 'must be an IP address, with or without a port' }]);
    return sourceMismatch(machine, protocol.toLowerCase(), ip) === null;
  }

  /** OpenSIPS 2.2's `send_to`. @throws `unknown_cluster`, `protocol_not_supported`, `payload_too_long` */
  async sendTo(clusterId: number, packet: PacketBody): Promise<SendResult[]> {
    knownCluster(this.table, clusterId);
    return this.sending.sendTo(clusterId, packet);
  }

  /** The same for a payload that is bytes. */
  async sendPacket(clusterId: number, packet: OutgoingPacket): Promise<SendResult[]> {
    knownCluster(this.table, clusterId);
    return this.sending.send(clusterId, packet);
  }

  /** Takes up the registration that `resume` names, or makes a new one. @throws `protocol_not_supported`, `invalid_input`, `registrations_exhausted` */
  register(request: RegistrationRequest, caller: Caller, holder: Holder, resume?: Resume): Registered {
    checkCarried(request.protocol);
    // It will be sent.
    if (request.keepaliveMs) checkName(request.module);
    if (resume === undefined) return { log: this.registrations.register(request, caller.name, holder) };
    const found = this.registrations.resume(resume, request, caller.name, holder);
    if (found instanceof RegistrationLog) {
      return { log: found, resumed: { resumed: true, missed: found.seq - resume.seq } };
    }
    return { log: this.registrations.register(request, caller.name, holder), resumed: { resumed: false, ...found } };
  }

  private get table(): ClusterTable {
    return this.loop.engine.table;
  }
}
