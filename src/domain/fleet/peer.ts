import type { Now } from '../../ground/now.js';
import type { Family } from '../../wire/cluster/family.js';
import type { Capabilities } from './capabilities.js';
import { type Link, STOPPED } from './link.js';
import type { Member } from './member.js';
import { byPreference } from './routing.js';
import { Timer, type TimerOwner } from './timer.js';
import { Versions } from './versions.js';

/** What a machine must get: nothing, the own capabilities (`tell`), or these and a question for its own (`ask`). Later ones include earlier ones. */
export const ANNOUNCEMENTS = ['none', 'tell', 'ask'] as const;
export type Announcement = (typeof ANNOUNCEMENTS)[number];

/** A machine of the cluster, with all that this service knows of it besides the topology. */
export class Peer {
  link: Link = STOPPED;
  /** It did not reply to as many pings as its limit, and has not replied since (L4). */
  isTempDisabled = false;
  /** Its wire family; null until it has announced capabilities. */
  family: Family | null = null;
  /** It announced nothing even when it was provoked. A machine without capabilities does that (F11). */
  isReticent = false;
  /** A family with the message numbers in which it announced a tag; null before. Then its release has tags (G2). */
  saidTagIn: Family | null = null;
  /** When its link went down for the last time; null while it is up, and until it has been down. */
  lostAt: Now | null = null;
  /** The ids in its last reply to a ping that asked for them. */
  knownIds: ReadonlySet<number> = new Set();
  /** It asked for ids while our link to it was up: it does not see us (L7). */
  missesUs = false;
  /** This service told it that our link to it is down, although it is up (F11). */
  isProvoked = false;
  announcement: Announcement = 'none';
  nextHop: number | null = null;
  readonly versions = new Versions();
  readonly linkTimer: Timer<Peer>;
  /** When it is provoked to announce capabilities (F11). */
  readonly familyTimer: Timer<Peer>;

  constructor(
    public member: Member,
    links: TimerOwner<Peer>,
    families: TimerOwner<Peer>,
    private readonly told: Capabilities,
  ) {
    this.linkTimer = new Timer(links, this);
    this.familyTimer = new Timer(families, this);
  }

  get machineId(): number {
    return this.member.machineId;
  }

  /** Names and whether they are synced, in no order. */
  get capabilities(): Iterable<readonly [name: string, isSynced: boolean]> {
    return this.told.of(this.machineId);
  }

  /** In which family it gets announcements of capabilities; null: not yet. Older releases ignore the message number of the newest family. */
  get writtenIn(): Family | null {
    return this.family ?? (this.isReticent ? 'E' : null);
  }

  get isUp(): boolean {
    return this.link.state === 'up';
  }
}

/** The machines of one cluster, without the own. */
export class Peers {
  private readonly byId = new Map<number, Peer>();
  private sorted: readonly Peer[] | null = null;
  private sortedMembers: readonly Member[] | null = null;

  get size(): number {
    return this.byId.size;
  }

  /** Those to prefer first: by priority, then id (F7). */
  get all(): readonly Peer[] {
    this.sorted ??= [...this.byId.values()].sort((a, b) => byPreference(a.member, b.member));
    return this.sorted;
  }

  get members(): readonly Member[] {
    this.sortedMembers ??= this.all.map(({ member }) => member);
    return this.sortedMembers;
  }

  /** Those whose link is up. */
  get up(): readonly Peer[] {
    return this.all.filter((peer) => peer.isUp);
  }

  of(machineId: number): Peer | undefined {
    return this.byId.get(machineId);
  }

  add(peer: Peer): void {
    this.byId.set(peer.machineId, peer);
    this.changed();
  }

  /** Replaces the row or description of a machine. */
  update(peer: Peer, member: Member): void {
    peer.member = member;
    this.changed();
  }

  remove(peer: Peer): void {
    this.byId.delete(peer.machineId);
    this.changed();
  }

  private changed(): void {
    this.sorted = null;
    this.sortedMembers = null;
  }
}
