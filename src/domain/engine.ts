import type { Now } from '../ground/now.js';
import type { DialectId } from '../wire/dialects/dialect-id.js';
import type { ReceivedRun } from '../wire/frame-run.js';
import type { Command, LoadCommand, LoadCounts, Reply } from './commands.js';
import type { Effect } from './effects.js';
import { type FleetSettings, Fleets, NO_FLEETS } from './fleets.js';
import { clearTries } from './machine.js';
import { applyToMachine } from './machine-commands.js';
import { Members } from './members.js';
import { Membership } from './membership.js';
import { ReceiveSide } from './receive-side.js';
import { SendSide } from './send-side.js';
import { ClusterTable } from './table.js';
import { TableLoad } from './table-load.js';

/**
 * The state engine (docs/semantics.md). It decides and its caller acts: effects are appended to the caller's list, and what
 * the caller asked for is returned. Time is an argument, and it does not matter how often it advances (T1, T2).
 */
export class Engine {
  readonly table = new ClusterTable();
  readonly receiveSide = new ReceiveSide(this.table);
  readonly sendSide = new SendSide(this.table);
  readonly fleets: Fleets;
  private readonly membership: Membership;
  /** Whether the whole table was loaded once. */
  isLoaded = false;
  /** A load in parts that waits for its next part. */
  private loading: TableLoad | null = null;

  /** @param serverId the machine id of this service, whose rows are its own; 0 for an observer, which has no row */
  constructor(serverId: number, settings: FleetSettings = NO_FLEETS) {
    const members = new Members(this.table, this.sendSide, this.receiveSide, serverId);
    this.fleets = new Fleets(serverId, settings);
    this.membership = new Membership(members, this.fleets, serverId);
  }

  /** Of any cluster, loaded or not. */
  dialectOf(clusterId: number): DialectId {
    return this.fleets.settings.dialectOf(clusterId);
  }

  /** Monotonic milliseconds of the next deadline; Infinity if there is none. */
  get nextDeadline(): number {
    return Math.min(this.due.nextDeadline, this.fleets.nextDeadline);
  }

  /** Whether the service is a member of its clusters of dialect 2.4. */
  get hasBegunFleets(): boolean {
    return this.membership.hasBegun;
  }

  /** Whether a load in parts has not ended. */
  get isLoading(): boolean {
    return this.loading !== null;
  }

  /** Fires at most `limit` due deadlines, earliest first. Call again while `nextDeadline` is not in the future. */
  advance(now: Now, out: Effect[], limit = Number.POSITIVE_INFINITY): void {
    for (let fired = 0; fired < limit && this.nextDeadline <= now.monotonicMs; fired++) this.fireNext(now, out);
  }

  /**
   * Returns false if `send_succeeded` would change nothing, which is almost always: senders then save the command. In dialect 2.4 only the answer to a
   * ping shows that a machine lives (L4).
   */
  wantsSuccess(clusterId: number, machineId: number): boolean {
    const cell = this.table.cell(clusterId, machineId);
    if (cell === undefined || cell.peer !== null) return false;
    const { machine } = cell;
    return machine.state !== 'up' || clearTries(machine) !== machine;
  }

  apply<C extends Command>(command: C, now: Now, out: Effect[]): Reply<C>;
  apply(command: Command, now: Now, out: Effect[]): Reply {
    switch (command.type) {
      case 'receive':
        this.receive(command.run, now, out);
        return null;
      case 'send':
        return this.sendSide.send(command, now, out);
      case 'enable_due':
        this.sendSide.enableAllDue(command.clusterId, now, out);
        return null;
      case 'register': {
        const { number, request } = command;
        this.receiveSide.register(number, request, now);
        this.membership.withAll(now, out, (made) => {
          this.fleets.registered(number, request.clusterId, request.module, now, made);
        });
        return null;
      }
      case 'unregister':
        this.receiveSide.unregister(command.number, now, out);
        this.membership.withAll(now, out, (made) => this.fleets.unregistered(command.number, now, made));
        return null;
      case 'load':
        return this.load(command, now, out);
      case 'advance':
        this.advance(now, out, command.limit);
        return null;
      case 'interruption':
        this.receiveSide.interrupted(command.ms);
        return null;
      case 'put_machine': {
        const known = this.table.cell(command.machine.clusterId, command.machine.machineId);
        if (known !== undefined) this.sendSide.enableDue(known, now, out);
        this.membership.put(command.machine, true, 'provisioning', now, out, command.status);
        return null;
      }
      case 'begin_fleets':
        // A leader may have begun them, and not seen that it has.
        if (this.membership.hasBegun) return null;
        this.fleets.remember(command.remembered);
        this.membership.begin(now, out);
        return null;
      case 'hear': {
        const { message, family, from, frame } = command;
        this.membership.with(message.clusterId, now, out, (fleet, made) => {
          fleet.received(message, family, from, frame, now, made);
        });
        return null;
      }
      case 'sync':
        return this.sync(command.number, now, out);
      case 'set_tag':
        this.membership.with(command.clusterId, now, out, (fleet, made) => {
          fleet.setTag(command.tag, command, now, made);
        });
        return null;
      case 'release_tag':
        this.membership.with(command.clusterId, now, out, (fleet, made) => fleet.releaseTag(command.tag, now, made));
        return null;
      case 'set_own_enabled':
        this.membership.setOwnEnabled(command.clusterId, command.isEnabled, now, out);
        return null;
      case 'remove_node':
        this.membership.with(command.clusterId, now, out, (fleet, made) => {
          fleet.removeNode(command.machineId, now, made);
        });
        return null;
      case 'end_fleets':
        this.membership.leaveAll(now, out);
        return null;
      default: {
        const cell = this.table.cell(command.clusterId, command.machineId);
        return cell === undefined ? null : applyToMachine(this.membership, command, cell, now, out);
      }
    }
  }

  private fireNext(now: Now, out: Effect[]): void {
    if (this.fleets.nextDeadline < this.due.nextDeadline) {
      this.membership.advance(now, out);
      return;
    }
    const from = out.length;
    this.due.fireNext(out);
    // A drain ended: its machine is asked again.
    for (const effect of out.slice(from)) {
      if (effect.type !== 'node_state') continue;
      const cell = this.table.cell(effect.machine.clusterId, effect.machine.machineId);
      if (cell !== undefined) this.membership.follow(cell, now, out);
    }
  }

  /** Packets of a fleet may be for another machine. */
  private receive(run: ReceivedRun, now: Now, out: Effect[]): void {
    const { clusterId, machineId: origin, destination } = run.head;
    if (clusterId === null || destination === null) {
      this.receiveSide.receive(run, now, out);
      return;
    }
    const from = { ip: run.source.ip, connection: run.connection, url: run.url };
    let isForUs = false;
    this.membership.with(clusterId, now, out, (fleet, made) => {
      isForUs = fleet.packetReceived({ clusterId, origin, destination }, from, run.pieces, now, made);
      if (isForUs) fleet.sawVersion(origin, run.source.ip, run.head.module, run.head.version);
    });
    const cluster = this.table.cluster(clusterId);
    if (!isForUs || cluster === undefined || cluster.fleet === null) return;
    const hold = (registrations: readonly number[]) => this.hold(clusterId, run, registrations, now, out);
    this.receiveSide.receiveFrom(cluster, cluster.fleet, run, hold, now, out);
  }

  private hold(clusterId: number, run: ReceivedRun, registrations: readonly number[], now: Now, out: Effect[]) {
    let waiting: readonly number[] = [];
    this.membership.with(clusterId, now, out, (fleet, made) => {
      waiting = fleet.holdPackets(run, registrations, now, made);
    });
    return waiting;
  }

  private sync(number: number, now: Now, out: Effect[]): boolean {
    const registration = this.receiveSide.registration(number);
    let isAsked = false;
    if (registration === undefined) return isAsked;
    const { clusterId, module } = registration;
    this.membership.withAll(now, out, (made) => {
      isAsked = this.fleets.requestSync(number, clusterId, module, now, made);
    });
    return isAsked;
  }

  /** The side with the earlier deadline. */
  private get due(): ReceiveSide | SendSide {
    return this.receiveSide.nextDeadline < this.sendSide.nextDeadline ? this.receiveSide : this.sendSide;
  }

  private load(command: LoadCommand, now: Now, out: Effect[]): LoadCounts {
    const { machines, part } = command;
    const before = part?.isFirst === false ? this.loading : null;
    const load = before ?? new TableLoad(this.membership, command);
    for (const row of machines) load.take(row, now, out);
    const isLeft = part?.hasMoreRows === true || load.removeRest(part?.limit ?? Number.POSITIVE_INFINITY, now, out);
    this.loading = isLeft ? load : null;
    if (!isLeft && command.only === undefined) this.isLoaded = true;
    return load.counts;
  }
}
