import { BOUNDS } from '../../wire/cluster/bounds.js';
import type { Family } from '../../wire/cluster/family.js';
import type { InternalMessage } from '../../wire/cluster/messages.js';
import type { Announcer } from './announcer.js';
import type { Capabilities } from './capabilities.js';
import type { FaultReason, Turn } from './effects.js';
import { isOther, refined } from './families.js';
import type { Floods } from './floods.js';
import type { Links } from './links.js';
import type { Newcomers } from './newcomers.js';
import type { Shared } from './options.js';
import type { Peer } from './peer.js';
import type { FloodKind } from './sequences.js';
import type { Tags } from './tags.js';

type Message<T extends InternalMessage['type']> = Extract<InternalMessage, { type: T }>;

/** Handles the internal messages of known machines. */
export class MemberMessages {
  constructor(
    private readonly shared: Shared,
    private readonly floods: Floods,
    private readonly links: Links,
    private readonly announcer: Announcer,
    private readonly capabilities: Capabilities,
    private readonly newcomers: Newcomers,
    private readonly tags: Tags,
  ) {}

  /** Returns why the message is dropped, or null. */
  receive(message: InternalMessage, peer: Peer, family: Family | null, frame: Buffer, turn: Turn): FaultReason | null {
    switch (message.type) {
      case 'ping':
        this.ping(message, peer, turn);
        return null;
      case 'pong':
        if (!peer.isUp) peer.knownIds = new Set(message.machineIds);
        this.links.handle(peer, 'pong', turn);
        return null;
      case 'unknown_id':
        this.floods.transmit({ machineId: peer.machineId }, this.newcomers.describeOwn(), turn);
        this.links.handle(peer, 'unknown_id', turn);
        return null;
      case 'node_description':
        // The machine is known: its row, or its first description, stays in force.
        return null;
      case 'link_update':
        return this.linkUpdate(message, peer, frame, turn);
      case 'full_topology':
        return this.fullTopology(message, peer, frame, turn);
      case 'capabilities':
        return this.hearCapabilities(message, peer, family, turn);
    }
  }

  /** Remembers the wire family of a machine (F4). */
  learnFamily(peer: Peer, family: Family, turn: Turn): void {
    if (peer.family === family) return;
    peer.family = family;
    const { clusterId } = this.shared.options;
    turn.out.push({ type: 'family', clusterId, machineId: peer.machineId, family });
    this.announcer.arm(turn);
    this.tags.reached(peer, turn);
  }

  private ping({ wantsIds }: Message<'ping'>, peer: Peer, turn: Turn): void {
    const { clusterId, machineId: origin } = this.shared.options;
    const others = this.shared.peers.all.map(({ machineId }) => machineId).filter((id) => id !== peer.machineId);
    const machineIds = wantsIds ? [origin, ...others.slice(0, BOUNDS.nodes - 1)] : [];
    this.floods.transmit({ machineId: peer.machineId }, { type: 'pong', clusterId, origin, machineIds }, turn);
    if (wantsIds && peer.isUp) {
      peer.missesUs = true;
      // It may have restarted so quickly that no ping of ours was without a reply.
      this.tags.reached(peer, turn);
    }
    this.links.handle(peer, 'spoke', turn);
  }

  private linkUpdate(message: Message<'link_update'>, peer: Peer, frame: Buffer, turn: Turn): FaultReason | null {
    const { neighbour, isUp, path } = message;
    const fault = this.faultOf(message, 'link');
    if (fault !== null) return fault;
    this.floods.relay(path, frame, turn);
    if (this.shared.topology.setNeighbour(peer.machineId, neighbour, isUp)) this.tellTopologyOf(peer, turn);
    if (neighbour === this.shared.options.machineId && isUp !== peer.isUp) {
      // A neighbour that does not know our family does this too: send what a new link brings (F11).
      if (!isUp && path.length === 1) this.announcer.introduce(peer, turn);
      this.links.handle(peer, 'contradicted', turn);
    }
    return null;
  }

  private fullTopology(message: Message<'full_topology'>, peer: Peer, frame: Buffer, turn: Turn): FaultReason | null {
    const { nodes, path } = message;
    const { machineId: own } = this.shared.options;
    const { topology } = this.shared;
    const [self, ...others] = nodes;
    if (self?.machineId !== peer.machineId) return 'bad_topology';
    const fault = this.faultOf(message, 'topology');
    if (fault !== null) return fault;
    this.floods.relay(path, frame, turn);
    topology.acceptReport(peer.machineId, self.sequence);
    if (topology.setNeighbours(peer.machineId, self.neighbours)) this.tellTopologyOf(peer, turn);
    this.newcomers.learnFrom(others, turn);
    for (const node of others) {
      const other = this.shared.peers.of(node.machineId);
      if (other === undefined || !topology.acceptReport(node.machineId, node.sequence)) continue;
      if (topology.setNeighbours(node.machineId, node.neighbours)) this.tellTopologyOf(other, turn);
    }
    if (path.length === 1 && peer.missesUs && peer.isUp) {
      peer.missesUs = false;
      this.floods.tellTopology(peer, turn);
    }
    if (self.neighbours.includes(own) !== peer.isUp) this.links.handle(peer, 'contradicted', turn);
    return null;
  }

  private hearCapabilities(
    message: Message<'capabilities'>,
    peer: Peer,
    family: Family | null,
    turn: Turn,
  ): FaultReason | null {
    const { sequence, nodes, path, wantsReply } = message;
    const { clusterId, machineId: own } = this.shared.options;
    const isDirect = path.length === 1;
    if (isDirect && path[0] === peer.machineId && isOther(peer.family, family)) {
      this.shared.topology.forgetSequences(peer.machineId);
    }
    const fault = sequence === null ? this.floods.faultOf(peer.machineId, path) : this.faultOf(message, 'capabilities');
    if (fault !== null) return fault;
    // Without a sequence, a forwarded copy may be older than what its origin has sent us directly.
    if (sequence === null && !isDirect && peer.isUp) return null;
    if (family !== null && (isDirect || peer.family === null)) {
      this.learnFamily(peer, refined(peer.family, family), turn);
    }
    const known = nodes.filter(({ machineId }) => machineId !== own && this.shared.peers.of(machineId) !== undefined);
    const changes = this.capabilities.hear(peer.machineId, known);
    for (const change of changes) turn.out.push({ type: 'capability', clusterId, ...change });
    // Without a sequence, only this stops copies that go round in a ring of machines.
    if (family !== null && (sequence !== null || changes.length > 0)) {
      this.floods.relayCapabilities(message, family, turn);
    }
    if (wantsReply && isDirect && peer.isUp) this.announcer.want(peer, 'tell', turn);
    return null;
  }

  private faultOf(
    message: Message<'link_update' | 'full_topology' | 'capabilities'>,
    kind: FloodKind,
  ): FaultReason | null {
    const { origin, path, sequence } = message;
    const fault = this.floods.faultOf(origin, path);
    if (fault !== null || sequence === null) return fault;
    return this.shared.topology.accept(origin, kind, sequence) ? null : 'old_sequence';
  }

  private tellTopologyOf({ machineId }: Peer, turn: Turn): void {
    const { clusterId } = this.shared.options;
    const neighbours = [...this.shared.topology.neighboursOf(machineId)].sort((a, b) => a - b);
    turn.out.push({ type: 'topology', clusterId, machineId, neighbours });
    this.links.updateRoutes(turn);
  }
}
