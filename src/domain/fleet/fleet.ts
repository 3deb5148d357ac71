import type { Now } from '../../ground/now.js';
import type { Family } from '../../wire/cluster/family.js';
import type { ClusterMessage, NodeDescription, Route } from '../../wire/cluster/messages.js';
import type { ReceivedRun } from '../../wire/frame-run.js';
import { Announcer } from './announcer.js';
import type { Capabilities } from './capabilities.js';
import type { FaultReason, FleetEffect, Turn } from './effects.js';
import { Floods } from './floods.js';
import { Links } from './links.js';
import type { Member } from './member.js';
import { MemberMessages } from './member-messages.js';
import { Members } from './members.js';
import { Neighbours } from './neighbours.js';
import { type From, Newcomers } from './newcomers.js';
import { type FleetOptions, Shared } from './options.js';
import type { Peer, Peers } from './peer.js';
import { Routed, type RoutedObserver } from './routed.js';
import { memberMismatch } from './source-check.js';
import { Syncs } from './syncs.js';
import { type TagRequest, Tags } from './tags.js';
import type { Topology } from './topology.js';

/**
 * One cluster of dialect 2.4 in which this service is a member (docs/semantics.md, "Fleets"). It only decides: it appends effects to the list of its
 * caller, who performs them. The time is an argument. Deadlines that have passed fire before an input (T2).
 */
export class Fleet implements RoutedObserver {
  private readonly shared: Shared;
  private readonly links: Links;
  private readonly members: Members;
  private readonly announcer: Announcer;
  private readonly newcomers: Newcomers;
  private readonly memberMessages: MemberMessages;
  private readonly syncs: Syncs;
  private readonly routed: Routed;
  readonly tags: Tags;
  private readonly floods: Floods;
  private hasStopped = false;

  constructor(options: FleetOptions) {
    const shared = new Shared(options);
    this.shared = shared;
    const floods = new Floods(shared);
    this.floods = floods;
    this.announcer = new Announcer(shared, floods);
    this.syncs = new Syncs(shared, floods, this.capabilities);
    this.tags = new Tags(shared, floods);
    this.links = new Links(shared, floods, new Neighbours(shared, floods, this.announcer, this.syncs, this.tags));
    this.members = new Members(shared, this.links, this.capabilities, this.syncs, this.tags);
    this.newcomers = new Newcomers(shared, floods, this.members);
    this.memberMessages = new MemberMessages(
      shared,
      floods,
      this.links,
      this.announcer,
      this.capabilities,
      this.newcomers,
      this.tags,
    );
    this.routed = new Routed(shared, this.syncs, this.tags, this);
  }

  private get options(): FleetOptions {
    return this.shared.options;
  }

  /** The other machines, in order of preference (F7). */
  get peers(): Peers {
    return this.shared.peers;
  }

  get capabilities(): Capabilities {
    return this.shared.capabilities;
  }

  /** The capabilities for which modules are registered here. None is synced (F5). */
  get ownCapabilities(): Iterable<string> {
    return this.announcer.announced;
  }

  get isOwnEnabled(): boolean {
    return this.shared.isActive;
  }

  /** The links that the other machines have announced. The own neighbours are `peers.up`. */
  get topology(): Topology {
    return this.shared.topology;
  }

  /** Monotonic milliseconds of the next deadline; Infinity if there is none. */
  get nextDeadline(): number {
    return this.shared.deadlines.next;
  }

  /**
   * Fires the deadlines that have passed. New deadlines count from `now`, not from the deadline that fired: `ping_timeout` counts from the sending of a ping,
   * so a late timer causes at most one failed attempt (L9).
   */
  advance(now: Now, out: FleetEffect[]): void {
    const { deadlines } = this.shared;
    for (let timer = deadlines.peek(); timer !== undefined; timer = deadlines.peek()) {
      if (timer.dueAt > now.monotonicMs) return;
      deadlines.clear(timer);
      timer.fire({ now, out });
    }
  }

  /** Starts to ping the urls to join through, if there are any. Call it once, before anything else. */
  start(now: Now, out: FleetEffect[]): void {
    this.newcomers.start(this.turn(now, out));
  }

  /** The own row has changed. Machines that ask for our description get the new one. */
  describe(own: NodeDescription): void {
    this.options.own = own;
  }

  /** A machine is new, or its row, its addresses or its status changed. */
  put(member: Member, now: Now, out: FleetEffect[]): void {
    this.members.put(member, this.turn(now, out));
  }

  /** A machine that pings had disabled was set up, or has a new address: it is pinged at once, and counts failed attempts again (L8). */
  enable(machineId: number, now: Now, out: FleetEffect[]): void {
    const turn = this.turn(now, out);
    const peer = this.peers.of(machineId);
    if (peer !== undefined) this.members.enable(peer, turn);
  }

  /** A machine left the table. */
  remove(machineId: number, now: Now, out: FleetEffect[]): void {
    const turn = this.turn(now, out);
    const peer = this.peers.of(machineId);
    if (peer !== undefined) this.members.drop(peer, turn);
  }

  /** An operator enables or disables the own node. While it is disabled, nothing is sent and everything is dropped (L8). */
  setOwnEnabled(isEnabled: boolean, now: Now, out: FleetEffect[]): void {
    if (!this.hasStopped) this.activate(isEnabled, this.turn(now, out));
  }

  /**
   * A message of this cluster.
   * @param family the wire family in which the message is written; null if its bytes do not show it
   * @param frame its bytes
   */
  received(
    message: ClusterMessage,
    family: Family | null,
    from: From,
    frame: Buffer,
    now: Now,
    out: FleetEffect[],
  ): void {
    const turn = this.turn(now, out);
    const fault = this.take(message, family, from, frame, turn);
    if (fault !== null) this.fault(fault, message.origin, turn);
  }

  /** A packet of a module. Returns whether it is for modules here. The caller then makes their `auth_check` (`memberMismatch`) and calls `holdPackets`. */
  packetReceived(route: Route, from: From, frames: readonly Buffer[], now: Now, out: FleetEffect[]): boolean {
    const turn = this.turn(now, out);
    const result = this.shared.isActive ? this.routed.receivePacket(route, from, frames, turn) : 'own_node_disabled';
    if (result === 'deliver') return true;
    if (result !== null) this.fault(result, route.origin, turn);
    return false;
  }

  /** A packet for this service has this version (F10). One call for a run of packets is enough. */
  sawVersion(origin: number, ip: string, capability: string, version: number): void {
    const peer = this.peers.of(origin);
    // Almost every packet has the version of the one before.
    if (peer === undefined || peer.versions.isLast(capability, version)) return;
    if (memberMismatch(this.peers.members, origin, ip) === null) peer.versions.saw(capability, version);
  }

  /** Keeps a copy of the packets for the registrations that wait for the end of a sync, and returns those. The others get the packets now. */
  holdPackets(run: ReceivedRun, candidates: readonly number[], now: Now, out: FleetEffect[]): readonly number[] {
    return this.syncs.hold(run, candidates, this.turn(now, out));
  }

  /** Something could not be sent to a machine. A connection that ends by itself is no failure. */
  sendFailed(machineId: number, now: Now, out: FleetEffect[]): void {
    const turn = this.turn(now, out);
    const peer = this.peers.of(machineId);
    if (peer !== undefined) this.links.handle(peer, 'send_failed', turn);
  }

  /** A module registered for this capability. It is announced as not synced. */
  addCapability(name: string, now: Now, out: FleetEffect[]): void {
    this.announcer.add(name, this.turn(now, out));
  }

  /** One such registration ended. */
  deleteCapability(name: string): void {
    this.announcer.delete(name);
  }

  /** A registration requests a sync. Returns false for a capability that has none. */
  requestSync(capability: string, registration: number, now: Now, out: FleetEffect[]): boolean {
    return this.syncs.request(capability, registration, this.turn(now, out));
  }

  /** A registration ended. */
  forgetSync(registration: number, now: Now, out: FleetEffect[]): void {
    this.syncs.forget(registration, this.turn(now, out));
  }

  setTag(tag: string, request: TagRequest, now: Now, out: FleetEffect[]): void {
    this.tags.set(tag, request, this.turn(now, out));
  }

  releaseTag(tag: string, now: Now, out: FleetEffect[]): void {
    this.tags.release(tag, this.turn(now, out));
  }

  /** This service leaves the cluster: it sends one last announcement, and then nothing more. */
  stop(now: Now, out: FleetEffect[]): void {
    if (this.hasStopped) return;
    const turn = this.turn(now, out);
    this.hasStopped = true;
    this.announcer.announceLast(turn);
    this.activate(false, turn);
  }

  /** An operator removes a machine without a row: the others are told, and forget it too. */
  removeNode(machineId: number, now: Now, out: FleetEffect[]): void {
    const turn = this.turn(now, out);
    const peer = this.peers.of(machineId);
    if (!peer?.member.isLearned) return;
    this.floods.tellRemoval(machineId, turn);
    this.forget(peer, turn);
  }

  spoke(machineId: number, turn: Turn): void {
    const peer = this.peers.of(machineId);
    // Almost every packet comes over a link that is up.
    if (peer !== undefined && !peer.isUp) this.links.handle(peer, 'spoke', turn);
  }

  syncFamily(machineId: number, family: Family, turn: Turn): void {
    const peer = this.peers.of(machineId);
    if (peer !== undefined) this.memberMessages.learnFamily(peer, family, turn);
  }

  nodeRemoved(machineId: number, turn: Turn): void {
    const { clusterId, learns } = this.options;
    if (!learns) return;
    if (machineId === this.options.machineId) {
      this.activate(false, turn);
      turn.out.push({ type: 'own_node_removed', clusterId });
      return;
    }
    const peer = this.peers.of(machineId);
    if (peer?.member.isLearned) this.forget(peer, turn);
  }

  private forget(peer: Peer, turn: Turn): void {
    this.members.drop(peer, turn);
    turn.out.push({ type: 'forgotten', clusterId: this.options.clusterId, machineId: peer.machineId });
  }

  /** What is due happens before the input. */
  private turn(now: Now, out: FleetEffect[]): Turn {
    this.advance(now, out);
    return { now, out };
  }

  private take(
    message: ClusterMessage,
    family: Family | null,
    from: From,
    frame: Buffer,
    turn: Turn,
  ): FaultReason | null {
    if (!this.shared.isActive) return 'own_node_disabled';
    if (message.origin === this.options.machineId) return 'own_origin';
    if ('destination' in message) return this.routed.receive(message, family, from, frame, turn);
    const peer = this.peers.of(message.origin);
    if (peer === undefined) return this.newcomers.receive(message, from, frame, turn);
    if (!peer.member.isEnabled) return 'machine_disabled';
    // Almost every message comes from its origin.
    const isDirect = peer.member.ips.includes(from.ip);
    if (!isDirect && memberMismatch(this.peers.members, message.origin, from.ip) !== null) return 'unknown_source';
    const fault = this.memberMessages.receive(message, peer, family, frame, turn);
    if (message.type === 'capabilities') this.syncs.review(turn);
    return fault;
  }

  private activate(isEnabled: boolean, turn: Turn): void {
    if (this.shared.isActive === isEnabled) return;
    this.members.activate(isEnabled, turn);
    if (isEnabled) this.newcomers.start(turn);
  }

  private fault(reason: FaultReason, origin: number, { out }: Turn): void {
    out.push({ type: 'fault', clusterId: this.options.clusterId, reason, origin });
  }
}
