import type { Now } from '../ground/now.js';
import type { ReceivedRun } from '../wire/frame-run.js';
import { Deadlines } from './deadlines.js';
import type { Effect } from './effects.js';
import {
  disabledPeriodMs,
  MachineReception,
  type Notification,
  Registration,
  type RegistrationRequest,
  sourceMismatch,
} from './reception.js';
import type { ClusterTable, MachineCell } from './table.js';

/** The receiving side of all registrations (R1 to R7): which of them get a packet, and which machines are silent. */
export class Receiving {
  /** When silences and disabled periods may end. A packet does not move them: one that fires too early is set again. */
  readonly deadlines = new Deadlines<MachineReception>();
  private readonly byNumber = new Map<number, Registration>();
  private readonly byModule = new Map<string, Set<Registration>>();
  private readonly byCluster = new Map<number, Set<Registration>>();

  constructor(private readonly table: ClusterTable) {}

  /** By ascending number. */
  get registrations(): Iterable<Registration> {
    return this.byNumber.values();
  }

  registration(number: number): Registration | undefined {
    return this.byNumber.get(number);
  }

  get nextDeadline(): number {
    return this.deadlines.next;
  }

  fireNext(out: Effect[]): void {
    const reception = this.deadlines.peek();
    if (reception !== undefined) this.fire(reception, out);
  }

  register(number: number, request: RegistrationRequest, now: Now): void {
    const registration = new Registration(number, request);
    this.byNumber.set(number, registration);
    addTo(this.byModule, request.module, registration);
    addTo(this.byCluster, request.clusterId, registration);
    for (const cell of this.table.cluster(request.clusterId)?.machines ?? []) this.start(registration, cell, now);
  }

  unregister(number: number, now: Now, out: Effect[]): void {
    const registration = this.byNumber.get(number);
    if (registration === undefined) return;
    for (const reception of registration.receptions) this.end(reception, now, out);
    this.byNumber.delete(number);
    deleteFrom(this.byModule, registration.module, registration);
    deleteFrom(this.byCluster, registration.clusterId, registration);
  }

  machineAdded(cell: MachineCell, now: Now): void {
    for (const registration of this.byCluster.get(cell.machine.clusterId) ?? []) this.start(registration, cell, now);
  }

  machineRemoved(cell: MachineCell, now: Now, out: Effect[]): void {
    for (const registration of this.byCluster.get(cell.machine.clusterId) ?? []) {
      const reception = registration.receptions.of(cell);
      if (reception !== undefined) this.end(reception, now, out);
    }
  }

  /** Receptions start again. A registration that was notified of a silence is notified of its end (S9). */
  machineMoved(cell: MachineCell, now: Now, out: Effect[]): void {
    const { clusterId, machineId } = cell.machine;
    for (const registration of this.byCluster.get(clusterId) ?? []) {
      const before = registration.receptions.of(cell);
      if (before !== undefined) this.end(before, now, out);
      this.start(registration, cell, now);
      if (!before?.disabled || registration.receptions.of(cell) === undefined) continue;
      out.push({ type: 'reception', registration, machineId, from: 'disabled', to: 'receiving' });
      notify(registration, { type: 'up', machineId }, out);
    }
  }

  /** The packets of a run have the same module and machine, so one decision holds for all of them. */
  receive(run: ReceivedRun, now: Now, out: Effect[]): void {
    let claimed = false;
    for (const registration of this.byModule.get(run.head.module) ?? []) {
      if (registration.protocol !== run.protocol) continue;
      claimed = true;
      this.receiveFor(registration, run, now, out);
    }
    if (!claimed) out.push({ type: 'unclaimed', run });
  }

  /** At the instant of the deadline: a silence begins (R2), a disabled period ends (R4), or packets came and the deadline moves. */
  private fire(reception: MachineReception, out: Effect[]): void {
    const { dueAt: at, registration, cell } = reception;
    const { machineId } = cell.machine;
    if (reception.disabled) {
      this.setDisabled(reception, false, out);
      registration.receptions.refresh(cell, 0, at);
      this.deadlines.set(reception, reception.silentAt);
      notify(registration, { type: 'up', machineId }, out);
      return;
    }
    const { silentAt } = reception;
    if (at < silentAt) {
      this.deadlines.set(reception, silentAt);
      return;
    }
    this.setDisabled(reception, true, out);
    reception.dropped = 0;
    this.deadlines.set(reception, at + disabledPeriodMs(registration));
    notify(registration, { type: 'timeout', machineId, silentForMs: at - reception.lastPacketAt }, out);
  }

  /** What is due happens before the command, even if the timer has not fired yet (T2). */
  private catchUp(reception: MachineReception, now: Now, out: Effect[]): void {
    while (reception.slot !== -1 && reception.dueAt <= now.monotonicMs) this.fire(reception, out);
  }

  private receiveFor(registration: Registration, run: ReceivedRun, now: Now, out: Effect[]): void {
    const cell = this.table.cell(registration.clusterId, run.head.machineId);
    const { receptions } = registration;
    // While a machine is not silent, the only deadline that can be due is one that this run moves.
    const silent = cell && !(now.monotonicMs < receptions.silentAt(cell)) ? receptions.of(cell) : undefined;
    if (silent !== undefined) this.catchUp(silent, now, out);
    if (registration.authCheck) {
      const mismatch = sourceMismatch(cell?.machine, run.protocol, run.source.ip);
      if (mismatch !== null) {
        registration.unknownSource += run.count;
        out.push({ type: 'unknown_source', registration, run, mismatch });
        return;
      }
    }
    if (silent?.disabled) {
      for (let i = 0; i < run.count; i++) drop(silent, now, out);
      return;
    }
    if (cell !== undefined) receptions.refresh(cell, run.count, now.monotonicMs);
    registration.packets += run.count;
    out.push({ type: 'notify', registration, notification: { type: 'packets', run, receivedAt: now.unixMs } });
  }

  private start(registration: Registration, cell: MachineCell, now: Now): void {
    if (cell.machine.protocol !== registration.protocol) return;
    const reception = new MachineReception(registration, cell);
    registration.receptions.add(reception, now.monotonicMs);
    this.deadlines.set(reception, reception.silentAt);
  }

  private end(reception: MachineReception, now: Now, out: Effect[]): void {
    this.catchUp(reception, now, out);
    this.deadlines.clear(reception);
    reception.registration.receptions.delete(reception);
    deleteSilence(reception);
  }

  private setDisabled(reception: MachineReception, disabled: boolean, out: Effect[]): void {
    const { cell, registration, state: from } = reception;
    reception.disabled = disabled;
    if (disabled) cell.silentFor = (cell.silentFor ?? new Set()).add(reception);
    else deleteSilence(reception);
    out.push({ type: 'reception', registration, machineId: cell.machine.machineId, from, to: reception.state });
  }
}

/** A packet of a machine whose reception is disabled (R3). */
function drop(reception: MachineReception, now: Now, out: Effect[]): void {
  const { registration, cell, dueAt } = reception;
  reception.dropped++;
  registration.dropped++;
  const { machineId } = cell.machine;
  const remainingMs = dueAt - now.monotonicMs;
  notify(registration, { type: 'temp_disabled', machineId, dropped: reception.dropped, remainingMs }, out);
}

function notify(registration: Registration, notification: Notification, out: Effect[]): void {
  out.push({ type: 'notify', registration, notification });
}

/** Sets, because a hundred thousand registrations of one module may end together, and each must leave in constant time. */
function addTo<K>(groups: Map<K, Set<Registration>>, key: K, registration: Registration): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, new Set([registration]));
  else group.add(registration);
}

function deleteFrom<K>(groups: Map<K, Set<Registration>>, key: K, registration: Registration): void {
  const group = groups.get(key);
  group?.delete(registration);
  if (group?.size === 0) groups.delete(key);
}

/** Almost no machine is silent for anyone, so an empty set is not kept. */
function deleteSilence(reception: MachineReception): void {
  const { cell } = reception;
  cell.silentFor?.delete(reception);
  if (cell.silentFor?.size === 0) cell.silentFor = null;
}
