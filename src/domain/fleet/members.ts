import type { Capabilities } from './capabilities.js';
import type { Turn } from './effects.js';
import type { Links } from './links.js';
import type { Member } from './member.js';
import type { Shared } from './options.js';
import type { Peer } from './peer.js';
import type { Syncs } from './syncs.js';
import type { Tags } from './tags.js';

/** Adds, changes and removes machines, and enables or disables the own node. */
export class Members {
  constructor(
    private readonly shared: Shared,
    private readonly links: Links,
    private readonly capabilities: Capabilities,
    private readonly syncs: Syncs,
    private readonly tags: Tags,
  ) {}

  put(member: Member, turn: Turn): void {
    const { peers, options, isActive } = this.shared;
    const known = peers.of(member.machineId);
    const before = known?.member;
    const peer = known ?? this.links.add(member);
    peers.update(peer, member);
    if (known === undefined) peer.family = options.remembered.families.get(member.machineId) ?? null;
    const hasMoved = before !== undefined && before.url !== member.url;
    if (hasMoved) peer.knownIds = new Set();
    const wasEnabled = before?.isEnabled === true;
    if (wasEnabled && (hasMoved || !member.isEnabled)) this.halt(peer, turn);
    if (isActive && member.isEnabled && (hasMoved || !wasEnabled)) this.links.handle(peer, 'started', turn);
    this.links.updateRoutes(turn);
  }

  /** Starts the link again if pings had disabled the machine. */
  enable(peer: Peer, turn: Turn): void {
    if (!peer.isTempDisabled) return;
    peer.isTempDisabled = false;
    if (this.shared.isActive && peer.member.isEnabled) this.links.handle(peer, 'started', turn);
  }

  drop(peer: Peer, turn: Turn): void {
    this.halt(peer, turn);
    this.shared.peers.remove(peer);
    this.shared.topology.forget(peer.machineId);
    this.capabilities.forget(peer.machineId);
    this.tags.forget(peer.machineId, turn);
    this.links.updateRoutes(turn);
  }

  /** Enables or disables the own node (L8). */
  activate(isEnabled: boolean, turn: Turn): void {
    this.shared.isActive = isEnabled;
    if (!isEnabled) this.syncs.stop(turn);
    for (const peer of this.shared.peers.all) {
      if (peer.member.isEnabled) this.links.handle(peer, isEnabled ? 'started' : 'stopped', turn);
    }
  }

  /** Stops the link. From here on the row decides the state of the machine. */
  private halt(peer: Peer, turn: Turn): void {
    peer.isTempDisabled = false;
    this.links.handle(peer, 'stopped', turn);
  }
}
