import type { PacketHead } from '../dialects/dialect.js';
import { EXTRA } from '../dialects/layout-24.js';
import { assemble, BRIDGE_MARK, v24 } from '../dialects/v24.js';
import { BOUNDS } from './bounds.js';
import { markedChunks, sizedChunks } from './chunks.js';
import { type ExtraTypes, FAMILIES, FAMILY_TRAITS, type Family } from './family.js';
import { isFault, type MessageFault, type Reason } from './fault.js';
import { absent, count, type Field, flag, int, list, name, record, text } from './fields.js';
import type { ExtraMessage, Route } from './messages.js';
import { FieldReader } from './reader.js';
import { FieldWriter } from './writer.js';

type ExtraType = ExtraMessage['type'];
type Body<T extends ExtraType> = Omit<Extract<ExtraMessage, { type: T }>, 'type' | keyof Route>;

/** Where the fields begin: after the header and the packet type. */
const FIELDS_AT = 12 + EXTRA.length + 4;
const PLAIN_VERSION = 1;

/** The capability that has no sync: a request for it is never answered. */
export const NEVER_SYNCED = 'ratelimit-pipe-repl';

const PLAIN = {
  remove_node: record<Body<'remove_node'>>({ machineId: int }),
  generic: record<Body<'generic'>>({ isRequest: flag(), tag: text, message: text }),
  mi: record<Body<'mi'>>({ command: name, parameters: list(text, BOUNDS.parameters) }),
  sync_request: record<Body<'sync_request'>>({ capability: name }),
  tag_active: record<Body<'tag_active'>>({ tag: name }),
} as const;

/** The layouts of sync messages, by their packet version. The types of `dataVersion` and `chunks` depend on it. */
const SYNC = {
  1: record({ capability: name, dataVersion: absent, chunks: markedChunks }),
  2: record({ capability: name, dataVersion: int, chunks: sizedChunks }),
  3: record({ capability: name, dataVersion: int, chunks: sizedChunks }),
} as const;
const SYNC_END = {
  1: record({ capability: name, chunks: absent }),
  2: record({ capability: name, chunks: absent }),
  3: record({ capability: name, chunks: count }),
} as const;

/** Writes a message of `clusterer-extra` for a family: its numbers, its packet version and its fields. */
export function encodeExtra(message: ExtraMessage, family: Family): Buffer | MessageFault {
  const { extraTypes, syncVersion } = FAMILY_TRAITS[family];
  const { type, clusterId, origin, destination } = message;
  const packetType = extraTypes[type];
  if (packetType === null) return fault('not_in_family', '', FIELDS_AT - 4);
  if (type === 'sync_request' && message.capability === NEVER_SYNCED) {
    return fault('wrong_capability', 'capability', FIELDS_AT);
  }
  // A daemon that is told to remove itself disables itself.
  if (type === 'remove_node' && message.machineId === destination) {
    return fault('out_of_range', 'machineId', FIELDS_AT);
  }
  const writer = new FieldWriter(FIELDS_AT);
  layoutOf(type, syncVersion).write(writer, message);
  if (writer.fault !== null) return writer.fault;
  const payload = writer.written();
  const routeAt = FIELDS_AT + payload.length;
  for (const key of ['clusterId', 'origin', 'destination'] as const) {
    if ((message[key] | 0) !== message[key]) return fault('out_of_range', key, routeAt);
  }
  if (destination === BRIDGE_MARK) return fault('out_of_range', 'destination', routeAt);
  const version = type.startsWith('sync') ? syncVersion : PLAIN_VERSION;
  const frame = assemble({ module: EXTRA, packetType, version, payload }, [], [clusterId, origin, destination]);
  return frame === 'too_long' ? fault('too_long', '', 0) : frame;
}

/**
 * Reads a whole frame of `clusterer-extra`. Old and new families number the messages differently: without a family, the fields and the
 * packet version tell which message it is. The fields of a sync message follow its packet version, not the family.
 */
export function decodeExtra(frame: Buffer, family: Family | null): ExtraMessage | MessageFault {
  const head = extraHead(frame);
  if ('fault' in head) return head;
  let first: MessageFault | null = null;
  for (const type of typesOf(head.packetType, family)) {
    const result = read(frame, head, type);
    if (!isFault(result)) return result;
    first ??= result;
  }
  return first ?? fault('unknown_type', '', FIELDS_AT - 4);
}

function extraHead(frame: Buffer): PacketHead | MessageFault {
  const head = v24.decode(frame);
  if (head === 'too_short') return fault('truncated', '', frame.length);
  return head.module === EXTRA ? head : fault('wrong_capability', '', 12);
}

/** The messages that have this number in the family, or in any. */
function typesOf(packetType: number, family: Family | null): ExtraType[] {
  const numbers = (family === null ? FAMILIES : [family]).map((it) => FAMILY_TRAITS[it].extraTypes);
  const types = numbers.flatMap((it) =>
    (Object.keys(it) as (keyof ExtraTypes)[]).filter((key) => it[key] === packetType),
  );
  return [...new Set(types)];
}

function read(frame: Buffer, head: PacketHead, type: ExtraType): ExtraMessage | MessageFault {
  const isSync = type === 'sync' || type === 'sync_end';
  // A request may have any version: daemons do not check it.
  if (isSync ? !isSyncVersion(head.version) : type !== 'sync_request' && head.version !== PLAIN_VERSION) {
    return fault('out_of_range', 'version', 8);
  }
  const reader = new FieldReader(frame, head.payloadOffset, head.payloadEnd);
  const fields = layoutOf(type, head.version as 1 | 2 | 3).read(reader);
  if (reader.remaining > 0) reader.fail('trailing_bytes');
  return reader.fault ?? ({ type, ...routeOf(head), ...fields } as ExtraMessage);
}

function layoutOf(type: ExtraType, version: 1 | 2 | 3): Field<object> {
  const layout = type === 'sync' ? SYNC[version] : type === 'sync_end' ? SYNC_END[version] : PLAIN[type];
  return layout as unknown as Field<object>;
}

function routeOf(head: PacketHead): Route {
  return { clusterId: head.clusterId ?? 0, origin: head.machineId, destination: head.destination ?? 0 };
}

function isSyncVersion(version: number): version is 1 | 2 | 3 {
  return version >= 1 && version <= 3;
}

function fault(reason: Reason, field: string, offset: number): MessageFault {
  return { fault: reason, field, offset };
}
