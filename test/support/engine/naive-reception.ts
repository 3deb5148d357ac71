import type { RegistrationRequest } from '../../../src/domain/reception.js';
import type { Now } from '../../../src/ground/now.js';
import type { ReceivedPacket } from '../../../src/wire/packet.js';
import type { NaiveMachine } from './naive-machine.js';

/** Takes note of an effect: whom it is about, and its line. */
export type Say = (subject: string, text: string) => void;

interface NaiveWatch {
  readonly machineId: number;
  lastPacketAt: number;
  /** The millisecond at which the disabled period ends; null while receiving. */
  disabledUntil: number | null;
  packets: number;
  dropped: number;
}

interface NaiveRegistration extends RegistrationRequest {
  readonly number: number;
  watches: NaiveWatch[];
  packets: number;
  dropped: number;
  unknownSource: number;
}

/** The receiving side of docs/semantics.md, as plain as it can be told: every watch is looked at in every millisecond. */
export class NaiveWatches {
  private registrations: NaiveRegistration[] = [];

  constructor(
    private readonly machines: () => readonly NaiveMachine[],
    private readonly say: Say,
  ) {}

  register(number: number, request: RegistrationRequest, now: Now): void {
    const registration = { ...request, number, watches: [], packets: 0, dropped: 0, unknownSource: 0 };
    this.registrations.push(registration);
    for (const machine of this.machines()) this.start(registration, machine, now);
  }

  unregister(number: number): void {
    this.registrations = this.registrations.filter((registration) => registration.number !== number);
  }

  /** Rule 1: registering, or loading a new machine, starts the watch. */
  machineAdded(machine: NaiveMachine, now: Now): void {
    for (const registration of this.registrations) this.start(registration, machine, now);
  }

  machineRemoved({ clusterId, machineId }: NaiveMachine): void {
    for (const registration of this.registrations) {
      if (registration.clusterId !== clusterId) continue;
      registration.watches = registration.watches.filter((watch) => watch.machineId !== machineId);
    }
  }

  /** Its watches start anew; whoever was told of its silence is told that it is over. */
  machineMoved(machine: NaiveMachine, now: Now): void {
    const silent = this.disabledFor(machine);
    this.machineRemoved(machine);
    this.machineAdded(machine, now);
    for (const { number, watches } of this.registrations) {
      if (!silent.includes(`#${number}`) || !watches.some((watch) => watch.machineId === machine.machineId)) continue;
      const subject = `#${number} ${machine.machineId}`;
      this.say(subject, `reception #${number} ${machine.clusterId}/${machine.machineId} disabled -> receiving`);
      this.say(subject, `notify #${number} up ${machine.clusterId}/${machine.machineId}`);
    }
  }

  /** Rules 2 and 4, at one millisecond. */
  scan(atMs: number): void {
    for (const registration of this.registrations) {
      for (const watch of registration.watches) this.look(registration, watch, atMs);
    }
  }

  /** Rules 3, 5 and 6. */
  receive(packet: ReceivedPacket, now: Now): void {
    const hearers = this.registrations.filter((it) => it.module === packet.module && it.protocol === packet.protocol);
    const line = `${packet.module} ${packet.protocol} machine=${packet.machineId} source=${packet.source.ip}`;
    if (hearers.length === 0) this.say('unclaimed', `unclaimed ${line}`);
    for (const registration of hearers) this.hear(registration, packet, line, now);
  }

  disabledFor({ clusterId, machineId }: NaiveMachine): string[] {
    const disabling = this.registrations.filter((it) => {
      const watch = it.clusterId === clusterId ? it.watches.find((watch) => watch.machineId === machineId) : undefined;
      return watch !== undefined && watch.disabledUntil !== null;
    });
    return disabling.map((it) => `#${it.number}`).sort();
  }

  stateText(): string[] {
    return this.registrations.flatMap((it) => {
      const byMachine = [...it.watches].sort((a, b) => a.machineId - b.machineId);
      const watches = byMachine.map((watch) => {
        const { machineId, packets, disabledUntil, lastPacketAt } = watch;
        const since = disabledUntil === null ? `last_packet_at=${lastPacketAt}` : `until=${disabledUntil}`;
        const reception = disabledUntil === null ? 'receiving' : 'disabled';
        return `#${it.number} ${it.clusterId}/${machineId} ${reception} packets=${packets} ${since}`;
      });
      const counts = `packets=${it.packets} dropped=${it.dropped} unknown_source=${it.unknownSource}`;
      return [`#${it.number} ${counts}`, ...watches];
    });
  }

  private start(registration: NaiveRegistration, machine: NaiveMachine, now: Now): void {
    if (registration.clusterId !== machine.clusterId || registration.protocol !== machine.protocol) return;
    const { machineId } = machine;
    registration.watches.push({
      machineId,
      lastPacketAt: now.monotonicMs,
      disabledUntil: null,
      packets: 0,
      dropped: 0,
    });
  }

  private look(registration: NaiveRegistration, watch: NaiveWatch, atMs: number): void {
    const { number, clusterId, timeoutMs } = registration;
    if (timeoutMs === 0) return;
    const subject = `#${number} ${watch.machineId}`;
    const machine = `${clusterId}/${watch.machineId}`;
    const silentMs = atMs - watch.lastPacketAt;
    if (watch.disabledUntil === null && silentMs > timeoutMs) {
      watch.disabledUntil = atMs + 2 * timeoutMs;
      watch.dropped = 0;
      this.say(subject, `reception #${number} ${machine} receiving -> disabled`);
      this.say(subject, `notify #${number} timeout ${machine} silent_for=${silentMs}`);
    } else if (watch.disabledUntil === atMs) {
      watch.disabledUntil = null;
      watch.lastPacketAt = atMs;
      this.say(subject, `reception #${number} ${machine} disabled -> receiving`);
      this.say(subject, `notify #${number} up ${machine}`);
    }
  }

  private hear(registration: NaiveRegistration, packet: ReceivedPacket, line: string, now: Now): void {
    const { number, clusterId } = registration;
    const subject = `#${number} ${packet.machineId}`;
    const stranger = registration.authCheck ? this.stranger(clusterId, packet) : null;
    if (stranger !== null) {
      registration.unknownSource++;
      this.say(subject, `unknown_source #${number} ${line} (${stranger})`);
      return;
    }
    const watch = registration.watches.find((it) => it.machineId === packet.machineId);
    if (watch !== undefined && watch.disabledUntil !== null) {
      watch.dropped++;
      registration.dropped++;
      const rest = `dropped=${watch.dropped} remaining=${watch.disabledUntil - now.monotonicMs}`;
      this.say(subject, `notify #${number} temp_disabled ${clusterId}/${packet.machineId} ${rest}`);
      return;
    }
    if (watch !== undefined) {
      watch.packets++;
      watch.lastPacketAt = now.monotonicMs;
    }
    registration.packets++;
    this.say(subject, `notify #${number} packet ${line}`);
  }

  /** What `check` says is wrong with the source; the port and the machine's state do not matter. */
  private stranger(clusterId: number, packet: ReceivedPacket): string | null {
    const sameId = this.machines().find((it) => it.clusterId === clusterId && it.machineId === packet.machineId);
    if (sameId === undefined) return 'machine_id';
    if (sameId.protocol !== packet.protocol) return 'protocol';
    return sameId.ip === packet.source.ip ? null : 'ip';
  }
}
