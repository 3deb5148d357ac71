import type { Family } from '../../wire/cluster/family.js';
import { Assertions } from './assertions.js';
import type { Turn } from './effects.js';
import { isLostToAll, movesInARow, nextOwner, waitMs } from './failover.js';
import { numberAlike } from './families.js';
import type { Floods } from './floods.js';
import { ManagedTag } from './managed-tag.js';
import type { Shared } from './options.js';
import type { Peer } from './peer.js';
import type { KnownTag, TagReason, TagState, TagWish } from './tag.js';
import { tagFamilyOf } from './tag-family.js';
import { TagMessages } from './tag-messages.js';
import { TagStates } from './tag-states.js';
import type { TimerOwner } from './timer.js';

/** What an operator asks for. */
export type TagRequest = Pick<TagWish, 'failover' | 'afterMs'> & { readonly owner: number };

/** Follows the sharing tags of a cluster, and keeps managed ones on their owner (G1 to G8). */
export class Tags implements TimerOwner<ManagedTag> {
  private readonly states = new TagStates();
  private readonly managed = new Map<string, ManagedTag>();
  private readonly assertions: Assertions;

  constructor(
    private readonly shared: Shared,
    floods: Floods,
  ) {
    this.assertions = new Assertions(shared, this.states, new TagMessages(shared, floods));
    for (const [tag, wish] of shared.options.remembered.wishes) this.manage(tag).wish = wish;
  }

  /** In order of names. */
  get all(): KnownTag[] {
    const wanted = [...this.managed.values()].filter(({ wish }) => wish.owner !== null).map(({ tag }) => tag);
    return [...new Set([...this.states.names, ...wanted])].sort().map((tag) => this.of(tag));
  }

  of(tag: string): KnownTag {
    const wish = this.managed.get(tag)?.wish;
    const ids = this.shared.peers.all.map(({ machineId }) => machineId).sort((a, b) => a - b);
    const states = new Map(ids.map((id): [number, TagState] => [id, this.states.of(tag, id)]));
    const fence = wish?.fence ?? 0;
    if (wish === undefined || wish.owner === null) {
      const owner = this.states.activeIn(tag);
      const since = this.states.sinceOf(tag);
      return { tag, owner, isManaged: false, since, fence, failover: [], afterMs: null, states };
    }
    const { owner, failover, afterMs, since } = wish;
    return { tag, owner, isManaged: true, since, fence, failover, afterMs, states };
  }

  /** An operator gives the tag to a machine (G3). */
  set(tag: string, { owner, failover, afterMs }: TagRequest, turn: Turn): void {
    const managed = this.manage(tag);
    const { owner: from, since } = managed.wish;
    managed.isAwaited = this.states.of(tag, owner) !== 'active';
    const change = { owner, failover, afterMs, since: owner === from ? since : turn.now.unixMs, moves: 0 };
    this.give(managed, change, 'operator', turn);
    this.reviewOwner(managed, turn);
  }

  /** The tag is not managed any more. Nothing is sent. Does nothing if it was not. */
  release(tag: string, turn: Turn): void {
    const managed = this.managed.get(tag);
    if (managed === undefined || managed.wish.owner === null) return;
    const from = managed.wish.owner;
    this.assertions.stop(managed);
    this.shared.deadlines.clear(managed.failoverTimer);
    this.save(managed, { owner: null, failover: [], moves: 0 }, turn);
    this.tell(tag, 'operator', from, from, turn);
  }

  /** A machine announces that it is active. `family`: one that numbers its messages as the machine does; null if the bytes do not show it. */
  hear(tag: string, origin: number, family: Family | null, turn: Turn): void {
    const peer = this.shared.peers.of(origin);
    if (peer === undefined) return;
    peer.saidTagIn = family ?? peer.family ?? peer.saidTagIn;
    const isNew = this.states.announced(tag, origin, turn.now.unixMs);
    if (isNew === null) return;
    for (const other of this.shared.peers.all) {
      if (hears(this.shared, peer, other)) this.states.demoted(tag, other.machineId);
    }
    const managed = this.managed.get(tag);
    const owner = managed?.wish.owner ?? null;
    if (managed === undefined || owner === null) {
      if (isNew) this.tell(tag, 'announced', origin, null, turn);
    } else if (origin === owner) {
      managed.isAwaited = false;
      this.assertions.demoteOthers(managed, turn);
      if (isNew) this.tell(tag, 'announced', origin, owner, turn);
    } else {
      this.assertions.demote(tag, peer, turn);
      this.save(managed, {}, turn);
      this.tell(tag, 'demoted', origin, owner, turn);
      this.assertions.soon(managed, turn);
    }
  }

  /** A link came up, in one direction or the other, or the family of a machine became known: the machine may be active without being the owner (G4). */
  reached(peer: Peer, turn: Turn): void {
    if (!this.shared.isActive) return;
    for (const managed of this.managed.values()) {
      const { owner } = managed.wish;
      if (owner === null) continue;
      // The one that was active stays so until the new owner has announced itself, also if its link was probed meanwhile.
      const staysActive = managed.isAwaited && this.states.of(managed.tag, peer.machineId) === 'active';
      if (owner !== peer.machineId && !staysActive) this.assertions.demote(managed.tag, peer, turn);
      this.assertions.soon(managed, turn);
    }
  }

  /** Links, routes or neighbours changed. */
  review(turn: Turn): void {
    for (const { machineId, link, nextHop } of this.shared.peers.all) {
      if (link.state === 'down' && nextHop === null) this.forget(machineId, turn);
    }
    for (const managed of this.managed.values()) this.reviewOwner(managed, turn);
  }

  due(managed: ManagedTag, turn: Turn): void {
    this.reviewOwner(managed, turn);
  }

  /** Nothing is known of the machine any more. */
  forget(machineId: number, turn: Turn): void {
    for (const tag of this.states.lose(machineId)) this.tell(tag, 'lost', machineId, this.of(tag).owner, turn);
  }

  /** Gives the tag to the next machine if the owner is lost, at once or when that is due (G6 to G8). */
  private reviewOwner(managed: ManagedTag, turn: Turn): void {
    const { deadlines, peers, isActive, options } = this.shared;
    const { wish } = managed;
    deadlines.clear(managed.failoverTimer);
    if (!isActive || wish.owner === null || wish.failover.length === 0) return;
    const lostAt = peers.of(wish.owner)?.lostAt ?? null;
    const next = lostAt !== null && isLostToAll(wish.owner, this.shared) ? nextOwner(wish, this.shared) : null;
    if (lostAt === null || next === null) {
      managed.agreedAt = null;
      return;
    }
    managed.agreedAt ??= turn.now.monotonicMs;
    // A witness that has just been cut off still counts until its next ping has had no reply.
    const settledAt = managed.agreedAt + options.pingIntervalMs + options.pingTimeoutMs;
    const dueAt = Math.max(lostAt.monotonicMs + waitMs(wish, lostAt.unixMs), settledAt);
    if (dueAt > turn.now.monotonicMs) {
      deadlines.set(managed.failoverTimer, dueAt);
      return;
    }
    managed.agreedAt = null;
    const change = { owner: next, since: turn.now.unixMs, moves: movesInARow(wish, lostAt.unixMs) + 1 };
    managed.isAwaited = false;
    this.give(managed, change, 'failover', turn);
  }

  private give(managed: ManagedTag, change: Partial<TagWish>, reason: TagReason, turn: Turn): void {
    const { tag } = managed;
    const from = managed.wish.owner;
    this.save(managed, change, turn);
    const { owner } = managed.wish;
    this.tell(tag, reason, owner, from, turn);
    this.assertions.begin(managed, turn);
    // Others stay active until the owner has announced itself: a machine that cannot take the tag takes it from nobody.
    if (owner !== null && this.states.of(tag, owner) === 'active') this.assertions.demoteOthers(managed, turn);
  }

  private manage(tag: string): ManagedTag {
    const known = this.managed.get(tag);
    if (known !== undefined) return known;
    const managed = new ManagedTag(tag, this.assertions, this);
    this.managed.set(tag, managed);
    return managed;
  }

  /** Changes the wish, and raises the fence. */
  private save(managed: ManagedTag, change: Partial<TagWish>, turn: Turn): void {
    managed.wish = { ...managed.wish, ...change, fence: managed.wish.fence + 1 };
    const { clusterId } = this.shared.options;
    turn.out.push({ type: 'tag_wish', clusterId, tag: managed.tag, wish: managed.wish });
  }

  private tell(tag: string, reason: TagReason, about: number | null, from: number | null, turn: Turn): void {
    const { clusterId } = this.shared.options;
    turn.out.push({ type: 'tag', clusterId, reason, about, from, known: this.of(tag) });
  }
}

/** Whether `other` gets what `peer` announces: it is a neighbour, and numbers its messages alike. */
function hears({ topology }: Shared, peer: Peer, other: Peer): boolean {
  if (other === peer || !topology.neighboursOf(peer.machineId).has(other.machineId)) return false;
  const [family, theirs] = [tagFamilyOf(peer), tagFamilyOf(other)];
  if (family === null || family === 'none' || theirs === null || theirs === 'none') return false;
  return numberAlike(family, theirs);
}
