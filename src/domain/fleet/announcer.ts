import type { Capability } from '../../wire/cluster/messages.js';
import type { Turn } from './effects.js';
import { carriesSequence } from './families.js';
import type { Floods } from './floods.js';
import type { Shared } from './options.js';
import { ANNOUNCEMENTS, type Announcement, type Peer } from './peer.js';
import { Timer } from './timer.js';

/** Milliseconds between two announcements: machines of release 4.0 may read two packets of one connection in either order. */
const GAP_MS = 10;

/** Daemons bound the capabilities of a machine. */
const MOST_CAPABILITIES = 128;

/**
 * Announces the capabilities that modules here are registered for. None is synced, since this service is no donor, and each announcement has all
 * of them: so nothing that was announced must ever be taken back (F5).
 */
export class Announcer {
  /** Each name with the number of its registrations. */
  private readonly names = new Map<string, number>();
  private readonly timer = new Timer((turn) => this.announceNext(turn));
  private lastAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly shared: Shared,
    private readonly floods: Floods,
  ) {}

  add(name: string, turn: Turn): void {
    const count = this.names.get(name) ?? 0;
    this.names.set(name, count + 1);
    if (count > 0) return;
    for (const peer of this.shared.peers.up) this.want(peer, 'tell', turn);
  }

  delete(name: string): void {
    const count = this.names.get(name) ?? 0;
    if (count > 1) this.names.set(name, count - 1);
    else this.names.delete(name);
  }

  /** Tells a neighbour the topology and the capabilities, and asks for its own. */
  introduce(peer: Peer, turn: Turn): void {
    this.floods.tellTopology(peer, turn);
    this.want(peer, 'ask', turn);
  }

  /** The machine is told as soon as its family is known and the last announcement is old enough. */
  want(peer: Peer, what: Announcement, turn: Turn): void {
    if (ANNOUNCEMENTS.indexOf(what) > ANNOUNCEMENTS.indexOf(peer.announcement)) peer.announcement = what;
    this.arm(turn);
  }

  /** Something that an announcement may wait for has happened. */
  arm(turn: Turn): void {
    if (this.timer.slot !== -1 || !this.shared.peers.up.some(isReady)) return;
    const at = this.lastAt + GAP_MS;
    if (at <= turn.now.monotonicMs) this.announceNext(turn);
    else this.shared.deadlines.set(this.timer, at);
  }

  /** Says a last time that nothing is synced, before this service leaves. */
  announceLast(turn: Turn): void {
    this.shared.deadlines.clear(this.timer);
    this.announce(
      this.shared.peers.up.filter((peer) => peer.writtenIn !== null),
      false,
      turn,
    );
  }

  /** One flood to all that must be told; else one to the first that is asked, alone, so that no copy of it overtakes the question. */
  private announceNext(turn: Turn): void {
    this.shared.deadlines.clear(this.timer);
    const ready = this.shared.peers.up.filter(isReady);
    const told = ready.filter((peer) => peer.announcement === 'tell');
    if (told.length > 0) this.announce(told, false, turn);
    else this.announce(ready.slice(0, 1), true, turn);
    this.arm(turn);
  }

  private announce(to: readonly Peer[], wantsReply: boolean, turn: Turn): void {
    if (to.length === 0) return;
    this.lastAt = turn.now.monotonicMs;
    const { clusterId, machineId: origin } = this.shared.options;
    const capabilities: Capability[] = [...this.names.keys()].map((name) => ({ name, isSynced: false }));
    const nodes = [{ machineId: origin, capabilities: capabilities.slice(0, MOST_CAPABILITIES) }];
    const next = this.floods.nextSequence('capabilities', turn);
    for (const peer of to) {
      peer.announcement = 'none';
      const sequence = peer.writtenIn !== null && carriesSequence(peer.writtenIn) ? next : null;
      // Without a sequence, an empty list could be read as one with a sequence. Such a machine tells its own capabilities unasked.
      if (sequence === null && capabilities.length === 0) continue;
      const message = { type: 'capabilities', clusterId, origin, sequence, nodes, wantsReply, path: [origin] } as const;
      this.floods.transmit({ machineId: peer.machineId }, message, turn, peer.writtenIn);
    }
  }
}

function isReady(peer: Peer): boolean {
  return peer.announcement !== 'none' && peer.writtenIn !== null;
}
