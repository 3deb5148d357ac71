import type { Now } from '../ground/now.js';
import { parseMachineUrl } from '../wire/machine-url.js';
import type { LoadedMachine } from './commands.js';
import type { Effect } from './effects.js';
import type { FleetEffect } from './fleet/effects.js';
import type { Fleet } from './fleet/fleet.js';
import { DEFAULT_PING_RETRIES, type Member } from './fleet/member.js';
import type { Fleets } from './fleets.js';
import type { Cause, Machine, MachineStatus } from './machine.js';
import { type Described, descriptionOf, learnedRow, memberOf, sameMember } from './machine-member.js';
import type { Members } from './members.js';
import type { Cluster, MachineCell } from './table.js';

/** What a row says of the own node. */
type OwnRow = Described & Pick<Machine, 'state'>;

/** What a fleet does, with the list to which its effects go. */
type FleetInput = (fleet: Fleet, made: FleetEffect[]) => void;

/**
 * Keeps the table and the fleets in step. A change of a machine in the table is passed to its fleet, and the results of pings become the state of
 * the machine (L4, S12).
 */
export class Membership {
  hasBegun = false;
  /** The clusters in which an operator has disabled the own node. A reload does not enable it. */
  private readonly disabledIn = new Set<number>();

  constructor(
    readonly members: Members,
    readonly fleets: Fleets,
    private readonly serverId: number,
  ) {}

  /**
   * Returns the cell of the machine, or null for the own row.
   * @param status is set before the fleet is told, so that a new machine that is `down` is never pinged
   */
  put(
    row: LoadedMachine,
    keepState: boolean,
    cause: Cause,
    now: Now,
    out: Effect[],
    status: MachineStatus | null = null,
  ): MachineCell | null {
    const cell = this.members.put(row, keepState, cause, now, out);
    if (cell !== null && status !== null) this.members.sendSide.setStatus(cell, status, cause, out);
    if (row.fleet === null) return cell;
    this.fleets.takeDrain(row.clusterId, row.machineId);
    if (cell !== null) this.follow(cell, now, out);
    else if (this.hasBegun) this.join(this.members.table.ensure(row.clusterId), row, now, out);
    return cell;
  }

  /** Becomes a member of all clusters that have an own row, and of those to join without one. Before this call machines have no peers. */
  begin(now: Now, out: Effect[]): void {
    this.hasBegun = true;
    for (const cluster of this.members.table.clusters) {
      if (cluster.own?.fleet) this.join(cluster, cluster.own, now, out);
    }
    const { joins, advertiseUrl: url } = this.fleets.settings;
    for (const clusterId of joins.keys()) {
      const cluster = this.members.table.ensure(clusterId);
      const own = { url, state: 'up', failedAttempts: DEFAULT_PING_RETRIES, fleet: null } as const;
      if (cluster.fleet === null) this.join(cluster, own, now, out);
    }
  }

  /** An operator enables or disables the own node. */
  setOwnEnabled(clusterId: number, isEnabled: boolean, now: Now, out: Effect[]): void {
    if (isEnabled) this.disabledIn.delete(clusterId);
    else this.disabledIn.add(clusterId);
    this.with(clusterId, now, out, (fleet, made) => fleet.setOwnEnabled(isEnabled, now, made));
  }

  /** The own row is gone, and with it the cluster. */
  removeOwn(cluster: Cluster, now: Now, out: Effect[]): void {
    cluster.own = null;
    if (cluster.fleet !== null && !this.fleets.settings.joins.has(cluster.clusterId)) {
      cluster.fleet = null;
      this.leave(cluster.clusterId, now, out);
    }
    this.members.table.dropIfEmpty(cluster);
  }

  remove(cell: MachineCell, now: Now, out: Effect[]): void {
    const { clusterId, machineId } = cell.machine;
    if (this.members.table.cell(clusterId, machineId) !== cell) return;
    cell.peer = null;
    this.with(clusterId, now, out, (fleet, made) => fleet.remove(machineId, now, made));
    if (cell.machine.fleet !== null) this.fleets.keepDrain(cell.machine);
    this.members.remove(cell, now, out);
  }

  leaveAll(now: Now, out: Effect[]): void {
    for (const { clusterId, fleet } of this.members.table.clusters) if (fleet !== null) this.leave(clusterId, now, out);
  }

  /** Gives a fleet an input, and performs its effects. Does nothing for a cluster without a fleet. */
  with(clusterId: number, now: Now, out: Effect[], input: FleetInput): void {
    const fleet = this.fleets.of(clusterId);
    if (fleet !== undefined) this.withAll(now, out, (made) => input(fleet, made));
  }

  /** The same for an input of all fleets. */
  withAll(now: Now, out: Effect[], input: (made: FleetEffect[]) => void): void {
    const made: FleetEffect[] = [];
    input(made);
    this.perform(made, now, out);
  }

  /** Fires the deadlines of the fleets that have passed. */
  advance(now: Now, out: Effect[]): void {
    this.withAll(now, out, (made) => this.fleets.advance(now, made));
    for (const fleet of this.fleets.all) {
      if (fleet.nextDeadline <= now.monotonicMs) this.withAll(now, out, (made) => fleet.advance(now, made));
    }
  }

  /** The machine of a cell may have changed. */
  follow(cell: MachineCell, now: Now, out: Effect[]): void {
    const { machine } = cell;
    const fleet = machine.fleet === null ? undefined : this.fleets.of(machine.clusterId);
    if (fleet === undefined) return;
    const member = memberOf(machine);
    const known = fleet.peers.of(machine.machineId);
    const isSame = known !== undefined && sameMember(known.member, member);
    const isSetUp = machine.state === 'up' && known?.isTempDisabled === true;
    if (isSame && !isSetUp) return;
    this.withAll(now, out, (made) => {
      if (!isSame) fleet.put(member, now, made);
      if (isSetUp) fleet.enable(machine.machineId, now, made);
      cell.peer = fleet.peers.of(machine.machineId) ?? null;
    });
  }

  /** Performs the effects of a fleet: those about the state of a machine change the machine, the others are passed on. */
  private perform(made: readonly FleetEffect[], now: Now, out: Effect[]): void {
    const { sendSide, table } = this.members;
    for (const effect of made) {
      const cell =
        'machineId' in effect && effect.machineId !== null ? table.cell(effect.clusterId, effect.machineId) : undefined;
      switch (effect.type) {
        case 'attempt_failed':
          if (cell !== undefined) sendSide.pingFailed(cell, effect.unanswered, now, out);
          out.push(effect);
          break;
        case 'temp_disabled':
          if (cell !== undefined) sendSide.pingsFailed(cell, this.nextAsk(now), out);
          break;
        case 'enabled':
          if (cell !== undefined) sendSide.answered(cell, out);
          break;
        case 'learned':
          this.learn(effect.clusterId, effect.member, now, out);
          break;
        case 'forgotten':
          if (cell === undefined) break;
          this.fleets.keepDrain(cell.machine);
          this.members.remove(cell, now, out);
          break;
        case 'sequence_reserved':
        case 'family':
        case 'tag_wish':
          this.fleets.keep(effect);
          out.push(effect);
          break;
        case 'link':
          if (cell !== undefined && effect.to === 'up') sendSide.answered(cell, out);
          if (cell !== undefined && effect.to === 'down') sendSide.askAgainAt(cell, this.nextAsk(now));
          out.push(effect);
          break;
        default:
          out.push(effect);
      }
    }
  }

  private nextAsk(now: Now): number {
    return now.monotonicMs + this.fleets.settings.nodeTimeoutMs;
  }

  private leave(clusterId: number, now: Now, out: Effect[]): void {
    this.withAll(now, out, (made) => this.fleets.leave(clusterId, now, made));
  }

  /** Becomes a member, or takes a changed own row. The rows of other machines may have come before it. */
  private join(cluster: Cluster, own: OwnRow, now: Now, out: Effect[]): void {
    this.withAll(now, out, (made) => {
      cluster.fleet = this.fleets.join(cluster.clusterId, descriptionOf(own), now, made);
      const isEnabled = own.state !== 'down' && !this.disabledIn.has(cluster.clusterId);
      cluster.fleet.setOwnEnabled(isEnabled, now, made);
    });
    for (const cell of cluster.machines) this.follow(cell, now, out);
  }

  /** Adds a machine without a row (J3). A machine that has a row keeps it. */
  private learn(clusterId: number, member: Member, now: Now, out: Effect[]): void {
    const { table } = this.members;
    const parsed = parseMachineUrl(member.url);
    if ('fault' in parsed || member.machineId === this.serverId || table.cell(clusterId, member.machineId)) return;
    const drain = this.fleets.takeDrain(clusterId, member.machineId);
    const row = learnedRow(clusterId, member, parsed, this.fleets.settings.nodeTimeoutMs, drain);
    const cell = this.members.put(row, false, 'link_up', now, out);
    if (cell === null) return;
    cell.peer = this.fleets.of(clusterId)?.peers.of(member.machineId) ?? null;
    // Its fleet does not know of its drain.
    this.follow(cell, now, out);
  }
}
