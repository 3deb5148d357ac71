import type { Now } from '../ground/now.js';
import type { ReceivedPacket } from '../wire/packet.js';
import type { Deadlines } from './deadlines.js';
import type { Effect } from './effects.js';
import {
  disabledPeriodMs,
  type Notification,
  Registration,
  type RegistrationRequest,
  sourceMismatch,
  Watch,
} from './reception.js';
import type { ClusterTable, MachineCell } from './table.js';

/** The receiving side of all registrations: who hears a packet, and which machines have fallen silent for whom. */
export class Receiving {
  private readonly byNumber = new Map<number, Registration>();
  private readonly byModule = new Map<string, Set<Registration>>();
  private readonly byCluster = new Map<number, Set<Registration>>();

  constructor(
    private readonly table: ClusterTable,
    private readonly deadlines: Deadlines<MachineCell | Watch>,
  ) {}

  /** By ascending number. */
  get registrations(): Iterable<Registration> {
    return this.byNumber.values();
  }

  registration(number: number): Registration | undefined {
    return this.byNumber.get(number);
  }

  register(number: number, request: RegistrationRequest, now: Now): void {
    const registration = new Registration(number, request);
    this.byNumber.set(number, registration);
    addTo(this.byModule, request.module, registration);
    addTo(this.byCluster, request.clusterId, registration);
    for (const cell of this.table.cluster(request.clusterId)?.machines ?? []) this.watch(registration, cell, now);
  }

  unregister(number: number, now: Now, out: Effect[]): void {
    const registration = this.byNumber.get(number);
    if (registration === undefined) return;
    for (const watch of registration.watches) this.unwatch(watch, now, out);
    this.byNumber.delete(number);
    deleteFrom(this.byModule, registration.module, registration);
    deleteFrom(this.byCluster, registration.clusterId, registration);
  }

  machineAdded(cell: MachineCell, now: Now): void {
    for (const registration of this.byCluster.get(cell.machine.clusterId) ?? []) this.watch(registration, cell, now);
  }

  machineRemoved(cell: MachineCell, now: Now, out: Effect[]): void {
    for (const registration of this.byCluster.get(cell.machine.clusterId) ?? []) {
      const watch = registration.watches.of(cell);
      if (watch !== undefined) this.unwatch(watch, now, out);
    }
  }

  /** S9: the watches start anew; who was told of a silence is told that it is over. */
  machineMoved(cell: MachineCell, now: Now, out: Effect[]): void {
    const { clusterId, machineId } = cell.machine;
    for (const registration of this.byCluster.get(clusterId) ?? []) {
      const before = registration.watches.of(cell);
      if (before !== undefined) this.unwatch(before, now, out);
      this.watch(registration, cell, now);
      const anew = registration.watches.of(cell);
      if (!before?.disabled || anew === undefined) continue;
      out.push({ type: 'reception', registration, machineId, from: 'disabled', to: 'receiving' });
      this.notify(anew, { type: 'up', machineId }, out);
    }
  }

  receive(packet: ReceivedPacket, now: Now, out: Effect[]): void {
    let claimed = false;
    for (const registration of this.byModule.get(packet.module) ?? []) {
      if (registration.protocol !== packet.protocol) continue;
      claimed = true;
      this.receiveFor(registration, packet, now, out);
    }
    if (!claimed) out.push({ type: 'unclaimed', packet });
  }

  /** The watch's deadline has come: re-arm it, or let the silence or the disabled period take its turn at that very instant. */
  turn(watch: Watch, out: Effect[]): void {
    const at = watch.dueAt;
    if (watch.disabled) {
      this.setDisabled(watch, false, out);
      watch.registration.watches.refresh(watch.cell, 0, at);
      this.deadlines.set(watch, watch.silentAt);
      this.notify(watch, { type: 'up', machineId: watch.cell.machine.machineId }, out);
      return;
    }
    const { silentAt } = watch;
    if (at < silentAt) {
      this.deadlines.set(watch, silentAt);
      return;
    }
    this.setDisabled(watch, true, out);
    watch.dropped = 0;
    this.deadlines.set(watch, at + disabledPeriodMs(watch.registration));
    const silentForMs = at - watch.lastPacketAt;
    this.notify(watch, { type: 'timeout', machineId: watch.cell.machine.machineId, silentForMs }, out);
  }

  /** What fell due before a command happens before it, whether or not the timer has come round. */
  private catchUp(watch: Watch, now: Now, out: Effect[]): void {
    while (watch.slot !== -1 && watch.dueAt <= now.monotonicMs) this.turn(watch, out);
  }

  private receiveFor(registration: Registration, packet: ReceivedPacket, now: Now, out: Effect[]): void {
    const cell = this.table.cell(registration.clusterId, packet.machineId);
    const { watches } = registration;
    // Of a machine that is not silent, nor disabled for having been, nothing is due but what a packet refreshes.
    const silent = cell && !(now.monotonicMs < watches.silentAt(cell)) ? watches.of(cell) : undefined;
    if (silent !== undefined) this.catchUp(silent, now, out);
    if (registration.authCheck) {
      const mismatch = sourceMismatch(cell?.machine, packet.protocol, packet.source.ip);
      if (mismatch !== null) {
        registration.unknownSource += packet.count;
        out.push({ type: 'unknown_source', registration, packet, mismatch });
        return;
      }
    }
    if (silent?.disabled) {
      for (let i = 0; i < packet.count; i++) this.drop(silent, now, out);
      return;
    }
    if (cell !== undefined) watches.refresh(cell, packet.count, now.monotonicMs);
    registration.packets += packet.count;
    out.push({ type: 'notify', registration, notification: { type: 'packet', packet, receivedAt: now.unixMs } });
  }

  private drop(watch: Watch, now: Now, out: Effect[]): void {
    watch.dropped++;
    watch.registration.dropped++;
    const { machineId } = watch.cell.machine;
    const remainingMs = watch.dueAt - now.monotonicMs;
    this.notify(watch, { type: 'temp_disabled', machineId, dropped: watch.dropped, remainingMs }, out);
  }

  private watch(registration: Registration, cell: MachineCell, now: Now): void {
    if (cell.machine.protocol !== registration.protocol) return;
    const watch = new Watch(registration, cell);
    registration.watches.add(watch, now.monotonicMs);
    this.deadlines.set(watch, watch.silentAt);
  }

  private unwatch(watch: Watch, now: Now, out: Effect[]): void {
    this.catchUp(watch, now, out);
    this.deadlines.clear(watch);
    watch.registration.watches.delete(watch);
    forgetSilence(watch);
  }

  private setDisabled(watch: Watch, disabled: boolean, out: Effect[]): void {
    const { cell, registration } = watch;
    const from = watch.reception;
    watch.disabled = disabled;
    if (disabled) cell.silentFor = (cell.silentFor ?? new Set()).add(watch);
    else forgetSilence(watch);
    out.push({ type: 'reception', registration, machineId: cell.machine.machineId, from, to: watch.reception });
  }

  private notify(watch: Watch, notification: Notification, out: Effect[]): void {
    out.push({ type: 'notify', registration: watch.registration, notification });
  }
}

/** Sets, since a hundred thousand registrations of one module may end together: each must leave without a look at the others. */
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

/** Almost no machine is silent for anyone: no set is kept for none. */
function forgetSilence(watch: Watch): void {
  const { cell } = watch;
  cell.silentFor?.delete(watch);
  if (cell.silentFor?.size === 0) cell.silentFor = null;
}
