import { BOUNDS } from '../../wire/cluster/bounds.js';
import { isName } from '../../wire/cluster/fields.js';
import type { Capability } from '../../wire/cluster/messages.js';
import type { Turn } from './effects.js';
import { carriesSequence } from './families.js';
import type { Floods } from './floods.js';
import type { Shared } from './options.js';
import { ANNOUNCEMENTS, type Announcement, type Peer } from './peer.js';
import { Timer, type TimerOwner } from './timer.js';

/** Milliseconds between two announcements, because release 4.0 may process two packets of one connection in either order. */
const GAP_MS = 10;

/**
 * Announces the capabilities for which modules are registered here (F5). None is synced, because this service is not a donor. Each announcement has all of
 * them, and none ever has to be taken back.
 */
export class Announcer implements TimerOwner<null> {
  /** Each name with the number of its registrations. */
  private readonly names = new Map<string, number>();
  private readonly timer = new Timer(this, null);
  private lastAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly shared: Shared,
    private readonly floods: Floods,
  ) {}

  /** What it announces, in no order. */
  get announced(): Iterable<string> {
    return this.names.keys();
  }

  /** A name that the protocol cannot carry is not announced: one such name would prevent the whole announcement. */
  add(name: string, turn: Turn): void {
    if (!isName(Buffer.from(name))) return;
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

  /** Sends a neighbour the topology and the own capabilities, and asks for its capabilities. */
  introduce(peer: Peer, turn: Turn): void {
    this.floods.tellTopology(peer, turn);
    this.want(peer, 'ask', turn);
  }

  /** The machine gets an announcement as soon as its family is known and `GAP_MS` have passed since the last one. */
  want(peer: Peer, what: Announcement, turn: Turn): void {
    if (ANNOUNCEMENTS.indexOf(what) > ANNOUNCEMENTS.indexOf(peer.announcement)) peer.announcement = what;
    this.arm(turn);
  }

  /** Sends the next announcement, or sets the timer for it. Call it when something has happened that an announcement may wait for. */
  arm(turn: Turn): void {
    if (this.timer.slot !== -1 || !this.shared.peers.up.some(isReady)) return;
    const at = this.lastAt + GAP_MS;
    if (at <= turn.now.monotonicMs) this.announceNext(turn);
    else this.shared.deadlines.set(this.timer, at);
  }

  due(_: null, turn: Turn): void {
    this.announceNext(turn);
  }

  /** Announces a last time, before this service leaves, that no capability is synced. */
  announceLast(turn: Turn): void {
    this.shared.deadlines.clear(this.timer);
    this.announce(
      this.shared.peers.up.filter((peer) => peer.writtenIn !== null),
      false,
      turn,
    );
  }

  /** One announcement to all that must be told. If there are none, one to the first machine that is asked, alone: another copy could overtake the question. */
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
    const nodes = [{ machineId: origin, capabilities: capabilities.slice(0, BOUNDS.nodes) }];
    const next = this.floods.nextSequence('capabilities', turn);
    for (const peer of to) {
      peer.announcement = 'none';
      const sequence = peer.writtenIn !== null && carriesSequence(peer.writtenIn) ? next : null;
      // Without a sequence, an empty list could be read as one with a sequence. Machines of such families announce their capabilities without being asked.
      if (sequence === null && capabilities.length === 0) continue;
      const message = { type: 'capabilities', clusterId, origin, sequence, nodes, wantsReply, path: [origin] } as const;
      this.floods.transmit({ machineId: peer.machineId }, message, turn, peer.writtenIn);
    }
  }
}

function isReady(peer: Peer): boolean {
  return peer.announcement !== 'none' && peer.writtenIn !== null;
}
