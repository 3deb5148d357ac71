import { BOUNDS } from '../../wire/cluster/bounds.js';
import { FAMILY_TRAITS, type Family } from '../../wire/cluster/family.js';
import type { ClusterMessage, InternalMessage, Sequence, TopologyNode } from '../../wire/cluster/messages.js';
import { adapted } from '../../wire/cluster/relay.js';
import type { FaultReason, Target, Turn } from './effects.js';
import { numberAlike } from './families.js';
import type { Shared } from './options.js';
import type { Peer } from './peer.js';
import { type FloodKind, OwnSequence } from './sequences.js';

/** Other machines in one topology message: with their longest descriptions and all their neighbours they fit into a packet. */
const MOST_TOLD = 64;

type CapabilityFlood = Extract<InternalMessage, { type: 'capabilities' }>;

/** Writes the own floods, and passes on those of others (F1, F2, F6). */
export class Floods {
  private readonly sequences: Readonly<Record<FloodKind, OwnSequence>>;

  constructor(private readonly shared: Shared) {
    const { remembered, nodeTimeoutMs } = shared.options;
    const sequence = (kind: FloodKind) => new OwnSequence(remembered.sequences.get(kind) ?? null, nodeTimeoutMs);
    this.sequences = {
      link: sequence('link'),
      topology: sequence('topology'),
      capabilities: sequence('capabilities'),
    };
  }

  nextSequence(kind: FloodKind, { now, out }: Turn): Sequence {
    const { clusterId } = this.shared.options;
    return this.sequences[kind].next(now, (seq) => out.push({ type: 'sequence_reserved', clusterId, kind, seq }));
  }

  transmit(to: Target, message: ClusterMessage, turn: Turn, family: Family | null = null): void {
    turn.out.push({ type: 'transmit', clusterId: this.shared.options.clusterId, to, message, family });
  }

  /** Tells these machines that the own link to `neighbour` is up or not. */
  tellLink(to: readonly Peer[], neighbour: number, isUp: boolean, turn: Turn): void {
    if (to.length === 0) return;
    const { clusterId, machineId: origin } = this.shared.options;
    const sequence = this.nextSequence('link', turn);
    for (const { machineId } of to) {
      const path = [origin];
      this.transmit({ machineId }, { type: 'link_update', clusterId, origin, sequence, neighbour, isUp, path }, turn);
    }
  }

  /**
   * Sends a machine the whole topology: this service first, then all other enabled machines. Those whose ids the machine does not know have a
   * description. A large fleet needs several messages, each complete in itself: what one does not name stays as it was told.
   */
  tellTopology(peer: Peer, turn: Turn): void {
    const { clusterId, machineId: origin } = this.shared.options;
    const { peers } = this.shared;
    const own: TopologyNode = {
      machineId: origin,
      description: null,
      sequence: this.sequences.link.last,
      neighbours: peers.up.slice(0, BOUNDS.nodes).map(({ machineId }) => machineId),
    };
    const others = peers.all.filter((other) => other !== peer && other.member.isEnabled).slice(0, BOUNDS.nodes - 1);
    for (let from = 0; from === 0 || from < others.length; from += MOST_TOLD) {
      const nodes = [own, ...others.slice(from, from + MOST_TOLD).map((other) => this.nodeOf(other, peer))];
      const sequence = this.nextSequence('topology', turn);
      const message = { type: 'full_topology', clusterId, origin, sequence, nodes, path: [origin] } as const;
      this.transmit({ machineId: peer.machineId }, message, turn);
    }
  }

  /** Tells all neighbours that an operator has removed a machine, except that machine, and releases that have no such message. */
  tellRemoval(machineId: number, turn: Turn): void {
    const { clusterId, machineId: origin } = this.shared.options;
    for (const { machineId: destination, family } of this.shared.peers.up) {
      if (destination === machineId || family === null) continue;
      if (FAMILY_TRAITS[family].extraTypes.remove_node === null) continue;
      const message = { type: 'remove_node', clusterId, origin, destination, machineId } as const;
      this.transmit({ machineId: destination }, message, turn, family);
    }
  }

  /** Returns why a flood must not be taken, or null (F1). */
  faultOf(origin: number, path: readonly number[]): FaultReason | null {
    if (path[0] !== origin) return 'bad_path';
    if (path.length > BOUNDS.floodedPath) return 'path_too_long';
    return path.includes(this.shared.options.machineId) ? 'own_path' : null;
  }

  /** Passes a flood on to all neighbours that are not in its path. */
  relay(path: readonly number[], frame: Buffer, { out }: Turn): void {
    const to = this.notOn(path).map(({ machineId }) => machineId);
    if (to.length > 0) out.push({ type: 'relay', clusterId: this.shared.options.clusterId, to, frame });
  }

  /** Passes capabilities on, in the family of each neighbour, where that family can carry them (F6). */
  relayCapabilities(message: CapabilityFlood, family: Family, turn: Turn): void {
    const path = [...message.path, this.shared.options.machineId];
    for (const { machineId, family: theirs } of this.notOn(message.path)) {
      if (theirs === null || !numberAlike(family, theirs)) continue;
      const carried = adapted({ ...message, wantsReply: false, path }, theirs);
      if (carried !== null) this.transmit({ machineId }, carried, turn, theirs);
    }
  }

  private notOn(path: readonly number[]): readonly Peer[] {
    return this.shared.peers.up.filter(({ machineId }) => !path.includes(machineId));
  }

  private nodeOf({ member }: Peer, reader: Peer): TopologyNode {
    const { machineId, url, sipAddress, priority, pingRetries } = member;
    return {
      machineId,
      description: reader.knownIds.has(machineId) ? null : { url, sipAddress, priority, pingRetries },
      sequence: this.shared.topology.linkSequenceOf(machineId),
      // Machines that are not known here would be news to nobody, and take the room of others.
      neighbours: [...this.shared.topology.neighboursOf(machineId)].filter((id) => this.shared.knows(id)),
    };
  }
}
