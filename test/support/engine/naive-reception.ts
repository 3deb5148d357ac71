import type { RegistrationRequest } from '../../../src/domain/reception.js';
import type { Now } from '../../../src/ground/now.js';
import type { ReceivedRun } from '../../../src/wire/frame-run.js';
import type { NaiveMachine } from './naive-machine.js';

/** Records an effect: its subject and its line. */
export type Say = (subject: string, text: string) => void;

interface NaiveReception {
  readonly machineId: number;
  lastPacketAt: number;
  /** The millisecond at which the disabled period ends; null while receiving. */
  disabledUntil: number | null;
  packets: number;
  dropped: number;
}

interface NaiveRegistration extends RegistrationRequest {
  readonly number: number;
  receptions: NaiveReception[];
  packets: number;
  dropped: number;
  unknownSource: number;
}

/** The receiving side of docs/semantics.md in the simplest form: every reception is checked in every millisecond. */
export class NaiveReceptions {
  private registrations: NaiveRegistration[] = [];

  constructor(
    private readonly machines: () => readonly NaiveMachine[],
    private readonly say: Say,
  ) {}

  register(number: number, request: RegistrationRequest, now: Now): void {
    const registration = { ...request, number, receptions: [], packets: 0, dropped: 0, unknownSource: 0 };
    this.registrations.push(registration);
    for (const machine of this.machines()) this.start(registration, machine, now);
  }

  unregister(number: number): void {
    this.registrations = this.registrations.filter((registration) => registration.number !== number);
  }

  /** R1. */
  machineAdded(machine: NaiveMachine, now: Now): void {
    for (const registration of this.registrations) this.start(registration, machine, now);
  }

  machineRemoved({ clusterId, machineId }: NaiveMachine): void {
    for (const registration of this.registrations) {
      if (registration.clusterId !== clusterId) continue;
      registration.receptions = registration.receptions.filter((reception) => reception.machineId !== machineId);
    }
  }

  /** S9: receptions start again, and a notified silence is over. */
  machineMoved(machine: NaiveMachine, now: Now): void {
    const silent = this.disabledFor(machine);
    this.machineRemoved(machine);
    this.machineAdded(machine, now);
    for (const { number, receptions } of this.registrations) {
      if (!silent.includes(`#${number}`) || !receptions.some((reception) => reception.machineId === machine.machineId))
        continue;
      const subject = `#${number} ${machine.machineId}`;
      this.say(subject, `reception #${number} ${machine.clusterId}/${machine.machineId} disabled -> receiving`);
      this.say(subject, `notify #${number} up ${machine.clusterId}/${machine.machineId}`);
    }
  }

  /** R2 and R4, at one millisecond. */
  scan(atMs: number): void {
    for (const registration of this.registrations) {
      for (const reception of registration.receptions) this.check(registration, reception, atMs);
    }
  }

  /** R3, R5 and R6. */
  receive(run: ReceivedRun, now: Now): void {
    const receivers = this.registrations.filter((it) => it.module === run.head.module && it.protocol === run.protocol);
    const line = `${run.head.module} ${run.protocol} machine=${run.head.machineId} source=${run.source.ip}`;
    if (receivers.length === 0) this.say('unclaimed', `unclaimed ${line}`);
    for (const registration of receivers) this.deliver(registration, run, line, now);
  }

  disabledFor({ clusterId, machineId }: NaiveMachine): string[] {
    const disabling = this.registrations.filter((it) => {
      const reception =
        it.clusterId === clusterId ? it.receptions.find((reception) => reception.machineId === machineId) : undefined;
      return reception !== undefined && reception.disabledUntil !== null;
    });
    return disabling.map((it) => `#${it.number}`).sort();
  }

  stateText(): string[] {
    return this.registrations.flatMap((it) => {
      const byMachine = [...it.receptions].sort((a, b) => a.machineId - b.machineId);
      const receptions = byMachine.map((reception) => {
        const { machineId, packets, disabledUntil, lastPacketAt } = reception;
        const since = disabledUntil === null ? `last_packet_at=${lastPacketAt}` : `until=${disabledUntil}`;
        const state = disabledUntil === null ? 'receiving' : 'disabled';
        return `#${it.number} ${it.clusterId}/${machineId} ${state} packets=${packets} ${since}`;
      });
      const counts = `packets=${it.packets} dropped=${it.dropped} unknown_source=${it.unknownSource}`;
      return [`#${it.number} ${counts}`, ...receptions];
    });
  }

  private start(registration: NaiveRegistration, machine: NaiveMachine, now: Now): void {
    if (registration.clusterId !== machine.clusterId || registration.protocol !== machine.protocol) return;
    const { machineId } = machine;
    registration.receptions.push({
      machineId,
      lastPacketAt: now.monotonicMs,
      disabledUntil: null,
      packets: 0,
      dropped: 0,
    });
  }

  private check(registration: NaiveRegistration, reception: NaiveReception, atMs: number): void {
    const { number, clusterId, timeoutMs } = registration;
    if (timeoutMs === 0) return;
    const subject = `#${number} ${reception.machineId}`;
    const machine = `${clusterId}/${reception.machineId}`;
    const silentMs = atMs - reception.lastPacketAt;
    if (reception.disabledUntil === null && silentMs > timeoutMs) {
      reception.disabledUntil = atMs + 2 * timeoutMs;
      reception.dropped = 0;
      this.say(subject, `reception #${number} ${machine} receiving -> disabled`);
      this.say(subject, `notify #${number} timeout ${machine} silent_for=${silentMs}`);
    } else if (reception.disabledUntil === atMs) {
      reception.disabledUntil = null;
      reception.lastPacketAt = atMs;
      this.say(subject, `reception #${number} ${machine} disabled -> receiving`);
      this.say(subject, `notify #${number} up ${machine}`);
    }
  }

  private deliver(registration: NaiveRegistration, run: ReceivedRun, line: string, now: Now): void {
    const { number, clusterId } = registration;
    const subject = `#${number} ${run.head.machineId}`;
    const mismatch = registration.authCheck ? this.mismatch(clusterId, run) : null;
    if (mismatch !== null) {
      registration.unknownSource++;
      this.say(subject, `unknown_source #${number} ${line} (${mismatch})`);
      return;
    }
    const reception = registration.receptions.find((it) => it.machineId === run.head.machineId);
    if (reception !== undefined && reception.disabledUntil !== null) {
      reception.dropped++;
      registration.dropped++;
      const rest = `dropped=${reception.dropped} remaining=${reception.disabledUntil - now.monotonicMs}`;
      this.say(subject, `notify #${number} temp_disabled ${clusterId}/${run.head.machineId} ${rest}`);
      return;
    }
    if (reception !== undefined) {
      reception.packets++;
      reception.lastPacketAt = now.monotonicMs;
    }
    registration.packets++;
    this.say(subject, `notify #${number} packet ${line}`);
  }

  /** The part of the source that fails `check`; port and state are not compared. */
  private mismatch(clusterId: number, run: ReceivedRun): string | null {
    const sameId = this.machines().find((it) => it.clusterId === clusterId && it.machineId === run.head.machineId);
    if (sameId === undefined) return 'machine_id';
    if (sameId.protocol !== run.protocol) return 'protocol';
    return sameId.ip === run.source.ip ? null : 'ip';
  }
}
