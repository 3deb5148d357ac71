import type { Now } from '../ground/now.js';
import type { ReceivedRun } from '../wire/frame-run.js';
import { Deadlines } from './deadlines.js';
import type { Effect } from './effects.js';
import type { Fleet } from './fleet/fleet.js';
import { memberMismatch } from './fleet/source-check.js';
import {
  MachineReception,
  type Mismatch,
  Registration,
  type RegistrationRequest,
  sourceMismatch,
} from './reception.js';
import { Registered } from './registered.js';
import { catchUp, deleteSilence, dropPacket, fireSilence } from './silence.js';
import type { Cluster, ClusterTable, MachineCell } from './table.js';

/** Keeps packets for those of these registrations that wait for the end of a sync. Returns their numbers. */
export type Hold = (registrations: readonly number[]) => readonly number[];

/** The receiving side of all registrations (R1 to R8): which of them get a packet, and which machines they wait for. */
export class ReceiveSide {
  /** When silences and disabled periods may end. A packet does not move them: one that fires too early is set again. */
  readonly deadlines = new Deadlines<MachineReception>();
  private readonly registered = new Registered();

  constructor(private readonly table: ClusterTable) {}

  /** By ascending number. */
  get registrations(): Iterable<Registration> {
    return this.registered.all;
  }

  registration(number: number): Registration | undefined {
    return this.registered.of(number);
  }

  /** Whether several registrations decode the packets of this module, under any of its names. */
  isDecodedBySeveral(module: string): boolean {
    return this.registered.isDecodedBySeveral(module);
  }

  get nextDeadline(): number {
    return this.deadlines.next;
  }

  fireNext(out: Effect[]): void {
    const reception = this.deadlines.peek();
    if (reception !== undefined) fireSilence(reception, this.deadlines, out);
  }

  /** Time has passed that does not count: silences and disabled periods are longer by that (R8). */
  interrupted(ms: number): void {
    for (const { receptions } of this.registered.all) receptions.postpone(ms);
    this.deadlines.postpone(ms);
  }

  register(number: number, request: RegistrationRequest, now: Now): void {
    const registration = new Registration(number, request);
    this.registered.add(registration);
    for (const cell of this.table.cluster(request.clusterId)?.machines ?? []) this.start(registration, cell, now);
  }

  unregister(number: number, now: Now, out: Effect[]): void {
    const registration = this.registered.of(number);
    if (registration === undefined) return;
    for (const reception of registration.receptions) this.end(reception, now, out);
    this.registered.delete(registration);
  }

  machineAdded(cell: MachineCell, now: Now): void {
    for (const registration of this.registered.ofCluster(cell.machine.clusterId)) this.start(registration, cell, now);
  }

  machineRemoved(cell: MachineCell, now: Now, out: Effect[]): void {
    for (const registration of this.registered.ofCluster(cell.machine.clusterId)) {
      const reception = registration.receptions.of(cell);
      if (reception !== undefined) this.end(reception, now, out);
    }
  }

  /** Receptions start again. A registration that was notified of a silence is notified of its end (S9). */
  machineMoved(cell: MachineCell, now: Now, out: Effect[]): void {
    const { clusterId, machineId } = cell.machine;
    for (const registration of this.registered.ofCluster(clusterId)) {
      const before = registration.receptions.of(cell);
      if (before !== undefined) this.end(before, now, out);
      this.start(registration, cell, now);
      if (!before?.disabled || registration.receptions.of(cell) === undefined) continue;
      out.push({ type: 'reception', registration, machineId, from: 'disabled', to: 'receiving' });
      out.push({ type: 'notify', registration, notification: { type: 'up', machineId } });
    }
  }

  /** Packets of dialect 2.2. Those of a run have the same module and machine, so one decision holds for all of them. */
  receive(run: ReceivedRun, now: Now, out: Effect[]): void {
    const { module, machineId } = run.head;
    let claimed = false;
    for (const registration of this.registered.ofModule(module)) {
      if (registration.protocol !== run.protocol) continue;
      const cluster = this.table.cluster(registration.clusterId);
      if (cluster !== undefined && cluster.fleet !== null) continue;
      claimed = true;
      if (this.takes(registration, run, cluster?.cell(machineId), null, now, out)) deliver(registration, run, now, out);
    }
    if (!claimed) out.push({ type: 'unclaimed', run });
  }

  /** Packets of a fleet, which go to registrations of their cluster and to those of any (R6). */
  receiveFrom(cluster: Cluster, fleet: Fleet, run: ReceivedRun, hold: Hold, now: Now, out: Effect[]): void {
    const { module, machineId } = run.head;
    const cell = cluster.cell(machineId);
    const taking: Registration[] = [];
    let claimed = false;
    for (const registration of this.registered.ofCapability(module)) {
      const { clusterId, protocol } = registration;
      if (protocol !== run.protocol || (clusterId !== 0 && clusterId !== cluster.clusterId)) continue;
      claimed = true;
      if (this.takes(registration, run, clusterId === 0 ? undefined : cell, fleet, now, out)) taking.push(registration);
    }
    if (!claimed) out.push({ type: 'unclaimed', run });
    if (taking.length === 0) return;
    const waiting = new Set(hold(taking.map(({ number }) => number)));
    for (const registration of taking) {
      if (!waiting.has(registration.number)) deliver(registration, run, now, out);
    }
  }

  /** Whether a registration gets these packets. They are counted then, even if they must wait for the end of a sync. */
  private takes(
    registration: Registration,
    run: ReceivedRun,
    cell: MachineCell | undefined,
    fleet: Fleet | null,
    now: Now,
    out: Effect[],
  ): boolean {
    const { receptions } = registration;
    // While a machine is not silent, the only deadline that can be due is one that this run moves.
    const silent = cell && !(now.monotonicMs < receptions.silentAt(cell)) ? receptions.of(cell) : undefined;
    if (silent !== undefined) catchUp(silent, this.deadlines, now, out);
    if (registration.authCheck) {
      const mismatch = mismatchOf(run, cell, fleet);
      if (mismatch !== null) {
        registration.unknownSource += run.count;
        out.push({ type: 'unknown_source', registration, run, mismatch });
        return false;
      }
    }
    if (silent?.disabled) {
      for (let i = 0; i < run.count; i++) dropPacket(silent, now, out);
      return false;
    }
    if (cell !== undefined) receptions.refresh(cell, run.count, now.monotonicMs);
    registration.packets += run.count;
    return true;
  }

  private start(registration: Registration, cell: MachineCell, now: Now): void {
    if (cell.machine.protocol !== registration.protocol) return;
    const reception = new MachineReception(registration, cell);
    registration.receptions.add(reception, now.monotonicMs);
    this.deadlines.set(reception, reception.silentAt);
  }

  private end(reception: MachineReception, now: Now, out: Effect[]): void {
    catchUp(reception, this.deadlines, now, out);
    this.deadlines.clear(reception);
    reception.registration.receptions.delete(reception);
    deleteSilence(reception);
  }
}

/** `auth_check` (R5). A packet that its origin sent itself is the usual case. */
function mismatchOf(run: ReceivedRun, cell: MachineCell | undefined, fleet: Fleet | null): Mismatch | null {
  const { head, protocol, source } = run;
  if (fleet === null) return sourceMismatch(cell?.machine, protocol, source.ip);
  if (cell?.machine.ips.includes(source.ip)) return null;
  return memberMismatch(fleet.peers.members, head.machineId, source.ip);
}

function deliver(registration: Registration, run: ReceivedRun, { unixMs }: Now, out: Effect[]): void {
  out.push({ type: 'notify', registration, notification: { type: 'packets', run, receivedAt: unixMs } });
}
