import type { Family } from '../../wire/cluster/family.js';
import type { ExtraMessage, Route } from '../../wire/cluster/messages.js';
import { BRIDGE_MARK } from '../../wire/dialects/v24.js';
import type { FaultReason, Turn } from './effects.js';
import type { From } from './newcomers.js';
import type { Shared } from './options.js';
import { memberMismatch, neighbourAt } from './source-check.js';
import type { Syncs } from './syncs.js';
import type { Tags } from './tags.js';

/** Is called when a message to this service changes something outside syncs and tags. */
export interface RoutedObserver {
  spoke(machineId: number, turn: Turn): void;
  syncFamily(machineId: number, family: Family, turn: Turn): void;
  nodeRemoved(machineId: number, turn: Turn): void;
}

/** Handles everything that has a destination: this service, or a machine to which it is forwarded (F8). */
export class Routed {
  constructor(
    private readonly shared: Shared,
    private readonly syncs: Syncs,
    private readonly tags: Tags,
    private readonly observer: RoutedObserver,
  ) {}

  /** Returns why the message is dropped, or null. */
  receive(message: ExtraMessage, family: Family | null, from: From, frame: Buffer, turn: Turn): FaultReason | null {
    const fault = this.faultOf(message, from);
    if (fault !== null) return fault;
    if (message.destination !== this.shared.options.machineId) return this.forward(message, from, [frame], turn);
    this.hear(message.origin, from, turn);
    const { clusterId } = this.shared.options;
    switch (message.type) {
      case 'sync':
        if (family !== null) this.observer.syncFamily(message.origin, family, turn);
        return this.syncs.data(message, turn) ? null : 'no_sync';
      case 'sync_end':
        if (family !== null) this.observer.syncFamily(message.origin, family, turn);
        return this.syncs.dataEnd(message, turn) ? null : 'no_sync';
      case 'tag_active':
        this.tags.hear(message.tag, message.origin, family, turn);
        return null;
      case 'sync_request':
        return 'not_a_donor';
      case 'remove_node':
        this.observer.nodeRemoved(message.machineId, turn);
        return null;
      default:
        turn.out.push({ type: 'message', clusterId, message });
        return null;
    }
  }

  /**
   * Takes a packet of a module. Returns `deliver` if it is for modules here; the caller makes their `auth_check`, because registrations without it also get
   * packets of unknown machines. Null if it was forwarded.
   */
  receivePacket(route: Route, from: From, frames: readonly Buffer[], turn: Turn): FaultReason | 'deliver' | null {
    const fault = this.faultOf(route, from);
    const isOurs = route.destination === this.shared.options.machineId;
    if (isOurs && (fault === 'unknown_machine' || fault === 'unknown_source')) return 'deliver';
    if (fault !== null) return fault;
    if (!isOurs) return this.forward(route, from, frames, turn);
    this.hear(route.origin, from, turn);
    return 'deliver';
  }

  private faultOf({ origin, destination }: Route, { ip }: From): FaultReason | null {
    if (origin === this.shared.options.machineId) return 'own_origin';
    if (destination === BRIDGE_MARK) return 'bridge_packet';
    const member = this.shared.peers.of(origin)?.member;
    if (member?.isEnabled === false) return 'machine_disabled';
    if (member?.ips.includes(ip)) return null;
    const mismatch = memberMismatch(this.shared.peers.members, origin, ip);
    if (mismatch === null) return null;
    return mismatch === 'machine_id' ? 'unknown_machine' : 'unknown_source';
  }

  /** Forwards the bytes as they are, and never back to where they came from: a packet has no path that would stop it in a ring (F8). */
  private forward(
    { origin, destination }: Route,
    { ip }: From,
    frames: readonly Buffer[],
    turn: Turn,
  ): FaultReason | null {
    const to = this.shared.peers.of(destination)?.nextHop ?? null;
    const neighbour = neighbourAt(this.shared.peers.members, origin, ip);
    if (to === null || to === neighbour || to === origin) return 'no_route';
    turn.out.push({ type: 'forward', clusterId: this.shared.options.clusterId, to, frames });
    return null;
  }

  /** A packet that came directly shows that its origin runs; a forwarded one does not. */
  private hear(origin: number, { ip }: From, turn: Turn): void {
    const isDirect = this.shared.peers.of(origin)?.member.ips.includes(ip) === true;
    if (isDirect || neighbourAt(this.shared.peers.members, origin, ip) === null) this.observer.spoke(origin, turn);
  }
}
