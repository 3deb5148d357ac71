import type { Announcer } from './announcer.js';
import type { Turn } from './effects.js';
import type { Floods } from './floods.js';
import type { LinkObserver } from './links.js';
import type { Shared } from './options.js';
import type { Peer } from './peer.js';
import type { Syncs } from './syncs.js';
import type { Tags } from './tags.js';

/** Announces changes of links, and introduces this service to new neighbours. */
export class Neighbours implements LinkObserver {
  constructor(
    private readonly shared: Shared,
    private readonly floods: Floods,
    private readonly announcer: Announcer,
    private readonly syncs: Syncs,
    private readonly tags: Tags,
  ) {}

  linkUp(peer: Peer, turn: Turn): void {
    const { peers, deadlines, options } = this.shared;
    const others = peers.up.filter((other) => other !== peer);
    this.floods.tellLink(others, peer.machineId, true, turn);
    this.announcer.introduce(peer, turn);
    if (peer.family === null) deadlines.set(peer.familyTimer, turn.now.monotonicMs + 2 * options.pingIntervalMs);
    this.tags.reached(peer, turn);
  }

  linkLost(peer: Peer, turn: Turn): void {
    if (this.shared.isActive) this.floods.tellLink(this.shared.peers.up, peer.machineId, false, turn);
  }

  /** Tells the machine that our link to it is down, so that it announces itself again. One interval later it tells all neighbours that the link is up (F11). */
  due(peer: Peer, turn: Turn): void {
    if (peer.isProvoked) {
      peer.isProvoked = false;
      this.floods.tellLink(this.shared.peers.up, peer.machineId, true, turn);
      if (peer.family !== null) return;
      peer.isReticent = true;
      this.announcer.arm(turn);
      this.tags.reached(peer, turn);
    } else if (peer.family === null) {
      peer.isProvoked = true;
      this.floods.tellLink([peer], peer.machineId, false, turn);
      this.shared.deadlines.set(peer.familyTimer, turn.now.monotonicMs + this.shared.options.pingIntervalMs);
    }
  }

  routesChanged(turn: Turn): void {
    this.syncs.review(turn);
    this.tags.review(turn);
  }
}
