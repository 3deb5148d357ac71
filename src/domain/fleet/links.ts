import type { Turn } from './effects.js';
import type { Floods } from './floods.js';
import { type LinkEvent, linkAfter } from './link.js';
import type { Member } from './member.js';
import type { Shared } from './options.js';
import { Peer } from './peer.js';
import { nextHops } from './routing.js';
import type { TimerOwner } from './timer.js';

/** Is called when links or routes change, and when it is time to check whether the family of a machine is known (F11). */
export interface LinkObserver extends TimerOwner<Peer> {
  linkUp(peer: Peer, turn: Turn): void;
  linkLost(peer: Peer, turn: Turn): void;
  /** Links or next hops changed. */
  routesChanged(turn: Turn): void;
}

/** Pings the machines, and keeps the next hop to each (L1 to L8, F7). */
export class Links implements TimerOwner<Peer> {
  constructor(
    private readonly shared: Shared,
    private readonly floods: Floods,
    private readonly observer: LinkObserver,
  ) {}

  /** A new machine. `handle` starts its link. */
  add(member: Member): Peer {
    const peer = new Peer(member, this, this.observer, this.shared.capabilities);
    this.shared.peers.add(peer);
    return peer;
  }

  due(peer: Peer, turn: Turn): void {
    this.handle(peer, 'due', turn);
  }

  handle(peer: Peer, event: LinkEvent, turn: Turn): void {
    const { options, deadlines } = this.shared;
    const { state: from, awaitsReply, dueAt } = peer.link;
    if (event === 'pong' && awaitsReply) {
      const ms = turn.now.monotonicMs - (dueAt - options.pingTimeoutMs);
      turn.out.push({ type: 'ping_answered', ...this.idsOf(peer), ms });
    }
    const step = linkAfter(peer.link, event, turn.now.monotonicMs, options, peer.member.pingRetries);
    peer.link = step.link;
    const to = step.link.state;
    deadlines.set(peer.linkTimer, step.link.dueAt);
    if (to === 'up') peer.lostAt = null;
    else if (to === 'down') peer.lostAt ??= turn.now;
    if (step.attemptFailed) this.countAttempt(peer, turn);
    if (to !== from) turn.out.push({ type: 'link', ...this.idsOf(peer), from, to });
    if (to === 'up' && peer.isTempDisabled) {
      peer.isTempDisabled = false;
      turn.out.push({ type: 'enabled', ...this.idsOf(peer), cause: 'link_up' });
    }
    if (step.ping) this.ping(peer, turn);
    if (to === from) return;
    if (to === 'up') this.observer.linkUp(peer, turn);
    else if (from === 'up') this.lose(peer, turn);
    this.updateRoutes(turn);
  }

  /** Computes all next hops again. */
  updateRoutes(turn: Turn): void {
    const { peers, topology } = this.shared;
    const passable = peers.members.filter((member) => member.isEnabled);
    const hops = nextHops(
      passable,
      (machineId) => peers.of(machineId)?.isUp === true,
      (from, to) => topology.neighboursOf(from).has(to),
    );
    for (const peer of peers.all) {
      const [from, to] = [peer.nextHop, hops.get(peer.machineId) ?? null];
      peer.nextHop = to;
      if (from !== to) turn.out.push({ type: 'next_hop', ...this.idsOf(peer), from, to });
    }
    this.observer.routesChanged(turn);
  }

  private ping(peer: Peer, turn: Turn): void {
    const { clusterId, machineId: origin } = this.shared.options;
    const message = { type: 'ping', clusterId, origin, wantsIds: !peer.isUp } as const;
    this.floods.transmit({ machineId: peer.machineId }, message, turn);
  }

  private lose(peer: Peer, turn: Turn): void {
    this.shared.deadlines.clear(peer.familyTimer);
    peer.announcement = 'none';
    peer.missesUs = false;
    peer.isProvoked = false;
    this.observer.linkLost(peer, turn);
  }

  private countAttempt(peer: Peer, { out }: Turn): void {
    if (peer.isTempDisabled) return;
    out.push({ type: 'attempt_failed', ...this.idsOf(peer), unanswered: peer.link.unanswered });
    if (peer.link.state !== 'down') return;
    peer.isTempDisabled = true;
    out.push({ type: 'temp_disabled', ...this.idsOf(peer), cause: 'ping_failed' });
  }

  private idsOf({ machineId }: Peer): { readonly clusterId: number; readonly machineId: number } {
    return { clusterId: this.shared.options.clusterId, machineId };
  }
}
