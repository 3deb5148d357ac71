import { BOUNDS } from '../../wire/cluster/bounds.js';
import type { InternalMessage, NodeDescription, TopologyNode } from '../../wire/cluster/messages.js';
import { parseMachineUrl } from '../../wire/machine-url.js';
import type { FaultReason, Turn } from './effects.js';
import type { Floods } from './floods.js';
import { JoinUrl } from './join-url.js';
import { DEFAULT_PING_RETRIES, DEFAULT_PRIORITY, type Member } from './member.js';
import type { Shared } from './options.js';
import type { TimerOwner } from './timer.js';

/** Where a message or packet came from. */
export interface From {
  /** Canonical text. */
  readonly ip: string;
  /** The number of the connection, so that a response can go back on it. */
  readonly connection: number;
  /** The url that this service connected to; null for a connection that it accepted. */
  readonly url: string | null;
}

/** So many pings of a url may stay unanswered before somebody is told. */
const PATIENCE = 3;

/** Characters, as in the table. */
const LONGEST_SIP_ADDRESS = 64;

/** Machines without a row: how they become known, and how this service becomes known to them (J1 to J5). */
export class Newcomers implements TimerOwner<JoinUrl> {
  private readonly joins: readonly JoinUrl[];

  constructor(
    private readonly shared: Shared,
    private readonly floods: Floods,
    private readonly members: { put(member: Member, turn: Turn): void },
  ) {
    this.joins = shared.options.joinUrls.map((url) => new JoinUrl(url, this));
  }

  /** Starts to ping the urls to join through. */
  start(turn: Turn): void {
    for (const join of this.joins) this.due(join, turn);
  }

  due(join: JoinUrl, turn: Turn): void {
    if (this.ask(join, turn) && join.asked++ === PATIENCE) this.tellUnanswered(join, turn);
  }

  /** Takes a message of a machine that is not known. Returns why it is dropped, or null. */
  receive(message: InternalMessage, from: From, frame: Buffer, turn: Turn): FaultReason | null {
    if (!this.shared.options.learns) return 'unknown_machine';
    const { origin } = message;
    switch (message.type) {
      case 'ping':
      case 'pong':
        if (from.url !== null) return this.learn(origin, withUrl(from.url), turn);
        this.answerUnknown(from, turn);
        return null;
      case 'unknown_id':
        if (from.url === null) return 'unknown_machine';
        // Before the ping that `learn` sends.
        this.floods.transmit({ url: from.url }, this.describeOwn(), turn);
        return this.learn(origin, withUrl(from.url), turn);
      case 'node_description': {
        const fault = this.floods.faultOf(origin, message.path) ?? this.learn(origin, message.description, turn);
        if (fault === null) this.floods.relay(message.path, frame, turn);
        return fault;
      }
      default:
        return 'unknown_machine';
    }
  }

  /** Learns the machines that a topology describes. A machine that cannot be learned does not stop the others. */
  learnFrom(nodes: readonly TopologyNode[], turn: Turn): void {
    if (!this.shared.options.learns) return;
    for (const { machineId, description } of nodes) {
      if (description === null || machineId === this.shared.options.machineId) continue;
      if (this.shared.peers.of(machineId) === undefined) this.learn(machineId, description, turn);
    }
  }

  /** The response to a machine that does not know our id (J2). */
  describeOwn(): InternalMessage {
    const { clusterId, machineId: origin, own: description } = this.shared.options;
    return { type: 'node_description', clusterId, origin, description, path: [origin] };
  }

  /** Pings a url until its machine is known. From then on the machine has a link, as all others (J4). Returns whether it did. */
  private ask({ url, timer }: JoinUrl, turn: Turn): boolean {
    const { clusterId, machineId: origin, pingIntervalMs } = this.shared.options;
    if (!this.shared.isActive) return false;
    this.shared.deadlines.set(timer, turn.now.monotonicMs + pingIntervalMs);
    if (this.shared.peers.members.some((member) => member.url === url)) return false;
    this.floods.transmit({ url }, { type: 'ping', clusterId, origin, wantsIds: true }, turn);
    return true;
  }

  private tellUnanswered({ url }: JoinUrl, { out }: Turn): void {
    out.push({ type: 'join_unanswered', clusterId: this.shared.options.clusterId, url });
  }

  private answerUnknown({ connection }: From, turn: Turn): void {
    const { clusterId, machineId: origin } = this.shared.options;
    this.floods.transmit({ connection }, { type: 'unknown_id', clusterId, origin }, turn);
  }

  private learn(machineId: number, description: NodeDescription, turn: Turn): FaultReason | null {
    const { clusterId } = this.shared.options;
    const parsed = parseMachineUrl(description.url);
    if ('fault' in parsed || !parsed.protocol.startsWith('bin') || machineId < 1) return 'bad_description';
    // It is told to all who do not know the machine, with the whole topology, which must fit into a packet.
    if (description.sipAddress.length > LONGEST_SIP_ADDRESS) return 'bad_description';
    if (this.shared.peers.size + 1 >= BOUNDS.nodes) return 'too_many_machines';
    const ips = isAddress(parsed.host) ? [parsed.host] : [];
    const member: Member = { ...description, machineId, ips, isEnabled: true, isLearned: true };
    turn.out.push({ type: 'learned', clusterId, member });
    this.members.put(member, turn);
    return null;
  }
}

function withUrl(url: string): NodeDescription {
  return { url, sipAddress: '', priority: DEFAULT_PRIORITY, pingRetries: DEFAULT_PING_RETRIES };
}

/** A host of a parsed url is an address in canonical text, or a name. The service looks up a name, and puts the machine again with its addresses. */
function isAddress(host: string): boolean {
  return host.includes(':') || /^[\d.]+$/.test(host);
}
