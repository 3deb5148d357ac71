import { INTERNAL } from '../dialects/layout-24.js';
import { assemble, v24 } from '../dialects/v24.js';
import { BOUNDS } from './bounds.js';
import { FAMILY_TRAITS, type Family } from './family.js';
import type { MessageFault } from './fault.js';
import { absent, type Field, flag, int, list, name, optional, record, text } from './fields.js';
import type {
  Capability,
  InternalMessage,
  NodeCapabilities,
  NodeDescription,
  Sequence,
  TopologyNode,
} from './messages.js';
import { FieldReader } from './reader.js';
import { FieldWriter } from './writer.js';

type InternalType = InternalMessage['type'];
/** What a message has besides its type, cluster and origin. */
type Body<T extends InternalType> = Omit<Extract<InternalMessage, { type: T }>, 'type' | 'clusterId' | 'origin'>;

const sequence = record<Sequence>({ seq: int, timestamp: int });
const machineIds = list(int, BOUNDS.nodes);
const path = list(int, BOUNDS.path);
const description = record<NodeDescription>({ url: text, sipAddress: text, priority: int, pingRetries: int });
const topologyNode = record<TopologyNode>({
  machineId: int,
  description: optional(description),
  sequence,
  neighbours: machineIds,
});
const capability = record<Capability>({ name, isSynced: flag() });
const nodeCapabilities = record<NodeCapabilities>({
  machineId: int,
  capabilities: list(capability, BOUNDS.nodes),
});
const capabilityFields = { nodes: list(nodeCapabilities, BOUNDS.nodes), wantsReply: flag(), path };

/** The messages that all families write alike, in the order of their types. */
const COMMON = [
  ['ping', record<Body<'ping'>>({ wantsIds: flag() })],
  ['pong', record<Body<'pong'>>({ machineIds })],
  ['link_update', record<Body<'link_update'>>({ sequence, neighbour: int, isUp: flag(0, 1), path })],
  ['full_topology', record<Body<'full_topology'>>({ sequence, nodes: list(topologyNode, BOUNDS.nodes), path })],
  ['unknown_id', record<Body<'unknown_id'>>({})],
  ['node_description', record<Body<'node_description'>>({ description, path })],
] as const;

/** The fields of `sequence` have a type of null or not, which the family decides. */
const WITH_SEQUENCE = record({ sequence, ...capabilityFields }) as unknown as Field<Body<'capabilities'>>;
const WITHOUT_SEQUENCE = record({ sequence: absent, ...capabilityFields }) as unknown as Field<Body<'capabilities'>>;

const CAPABILITY_TYPES: readonly number[] = [8, 9];
const VERSION = 1;
/** Where the fields begin: after the header, the packet type, the cluster and the origin. */
const FIELDS_AT = 12 + INTERNAL.length + 4 + 8;

/**
 * Writes a message of `clusterer-internal` for a family. A message with a path must have its origin first in the path. A message of
 * capabilities needs a sequence exactly where the family has one (`relay.ts` adapts it).
 */
export function encodeInternal(message: InternalMessage, family: Family): Buffer | MessageFault {
  if ('path' in message && message.path[0] !== message.origin) return fault('wrong_origin', 'path[0]', FIELDS_AT);
  const writer = new FieldWriter(FIELDS_AT);
  const { packetType, layout } = layoutFor(message.type, family);
  (layout as Field<object>).write(writer, message);
  if (writer.fault !== null) return writer.fault;
  const content = { module: INTERNAL, packetType, version: VERSION, payload: writer.written() };
  for (const key of ['clusterId', 'origin'] as const) {
    if ((message[key] | 0) !== message[key]) return fault('out_of_range', key, FIELDS_AT - 8);
  }
  const frame = assemble(content, [message.clusterId, message.origin], []);
  if (frame === 'too_long') return fault('too_long', '', 0);
  // One without a sequence must not look as if it had one. This concerns very short lists only.
  if (layout === WITHOUT_SEQUENCE && 'type' in read(frame, 'capabilities', WITH_SEQUENCE)) {
    return fault('ambiguous', 'nodes', FIELDS_AT);
  }
  return frame;
}

/** Reads a whole frame of `clusterer-internal` of any family. Capabilities are read with a sequence if that fits, else without. */
export function decodeInternal(frame: Buffer): InternalMessage | MessageFault {
  const head = v24.decode(frame);
  if (head === 'too_short') return fault('truncated', '', frame.length);
  if (head.module !== INTERNAL) return fault('wrong_capability', '', 12);
  const { packetType } = head;
  if (!CAPABILITY_TYPES.includes(packetType)) {
    const common = COMMON[packetType];
    return common === undefined
      ? fault('unknown_type', '', FIELDS_AT - 12)
      : read(frame, common[0], common[1] as Field<object>);
  }
  const withSequence = read(frame, 'capabilities', WITH_SEQUENCE);
  if ('type' in withSequence) return withSequence;
  const without = read(frame, 'capabilities', WITHOUT_SEQUENCE);
  return 'type' in without || without.offset > withSequence.offset ? without : withSequence;
}

function layoutFor(type: InternalType, family: Family) {
  const { capabilitiesType, capabilitiesHaveSequence } = FAMILY_TRAITS[family];
  const packetType = COMMON.findIndex(([common]) => common === type);
  const common = COMMON[packetType];
  if (common !== undefined) return { packetType, layout: common[1] };
  return { packetType: capabilitiesType, layout: capabilitiesHaveSequence ? WITH_SEQUENCE : WITHOUT_SEQUENCE };
}

/** Reads the fields of a frame whose header is known. All bytes must be used. */
function read(frame: Buffer, type: InternalType, layout: Field<object>): InternalMessage | MessageFault {
  const reader = new FieldReader(frame, FIELDS_AT, frame.length);
  const fields = layout.read(reader);
  if (reader.remaining > 0) reader.fail('trailing_bytes');
  if (reader.fault !== null) return reader.fault;
  const clusterId = frame.readInt32LE(FIELDS_AT - 8);
  const origin = frame.readInt32LE(FIELDS_AT - 4);
  const message = { type, clusterId, origin, ...fields } as InternalMessage;
  // The families are told apart by this too.
  if (message.type === 'capabilities' && message.path[0] !== origin) {
    return fault('wrong_origin', 'path[0]', frame.length - 4 * message.path.length);
  }
  return message;
}

function fault(reason: MessageFault['fault'], field: string, offset: number): MessageFault {
  return { fault: reason, field, offset };
}
