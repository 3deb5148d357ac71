import { descriptionOf, named, OrNull, ref } from '../schemas/common.js';
import { PacketBody } from '../schemas/packet.js';
import { SOCKET_PARAMS } from '../schemas/socket.js';
import { type TObject, type TProperties, type TSchema, Type } from '../schemas/typebox.js';
import type { Field, Fields } from '../wire/modules/field.js';
import type { Layout } from '../wire/modules/layout.js';
import { allLayouts } from '../wire/modules/layouts.js';
import { SUCCESSORS } from '../wire/modules/payloads.js';
import {
  Base64,
  ContactId,
  type Direction,
  Int32,
  Int64,
  type Named,
  SENT_CONTACT_IDS,
  Text,
  valueSchema,
} from './packet-values.js';

/**
 * The schemas of the packets of modules, derived from their tables: one for each packet, with the fields of all its versions. Only for the
 * documents: the service checks fields with the tables.
 */

/** Adds the object of several versions of the same fields to `groups`, under this name, and returns a reference to it. */
function groupOf(name: string, versions: readonly Fields[], direction: Direction, groups: Named[]): TSchema {
  const names = new Set(versions.flatMap((fields) => fields.map(({ name }) => name)));
  const properties: TProperties = {};
  for (const property of names) {
    const found = versions.map((fields) => fields.filter((field) => field.name === property));
    const fields = found.flat();
    const isRequired = found.every((own) => own.some((field) => isAlwaysThere(field, direction)));
    const value = unionOf(`${name}${pascal(property)}`, fields, direction, groups);
    properties[property] = isRequired ? value : Type.Optional(value);
    if (fields.every(({ type }) => 'hasRaw' in type && type.hasRaw)) {
      properties[`${property}_raw`] = direction === 'decoded' && isRequired ? Int32 : Type.Optional(Int32);
    }
  }
  const group = named(name, Type.Object(properties, direction === 'sent' ? { additionalProperties: false } : {}));
  groups.push(group);
  return ref(group);
}

/** What is sent may leave out a field that has a default, or give its raw number alone. */
function isAlwaysThere({ when, fallback, type }: Field, direction: Direction): boolean {
  const mayBeLeftOut = fallback !== undefined || ('hasRaw' in type && type.hasRaw);
  return when === undefined && (direction === 'decoded' || !mayBeLeftOut);
}

/** The schema of a field whose type may differ from version to version. */
function unionOf(name: string, fields: readonly Field[], direction: Direction, groups: Named[]): TSchema {
  const types = fields.map(({ type }) => type);
  const inner = types.flatMap((type) => ('fields' in type ? [type.fields] : []));
  if (inner.length > 0) {
    const group = groupOf(name, inner, direction, groups);
    return types.some(({ kind }) => kind === 'list') ? Type.Array(group) : group;
  }
  const schemas = new Map(types.map((type) => [type.kind, valueSchema(type, direction)]));
  const [first, ...others] = schemas.values();
  return first !== undefined && others.length === 0 ? first : Type.Union([...schemas.values()]);
}

/** The packets by the name of their module, without its suffix, and their own: `usrloc` also has those of `ul`. */
function packets(): Map<string, [Layout, ...Layout[]]> {
  const found = new Map<string, [Layout, ...Layout[]]>();
  for (const layout of allLayouts()) {
    const [module] = (SUCCESSORS[layout.module] ?? layout.module).split('-');
    const key = pascal(`${module}_${layout.name}`);
    const same = found.get(key);
    if (same === undefined) found.set(key, [layout]);
    else same.push(layout);
  }
  return found;
}

interface PacketSchemas {
  readonly packets: readonly Named[];
  /** Their fields, and the groups in these. A group comes after those in it. */
  readonly groups: readonly Named[];
}

function packetSchemas(direction: Direction): PacketSchemas {
  const groups: Named[] = [];
  const schemas = [...packets()].map(([packet, layouts]) => {
    const key = direction === 'sent' ? `Sent${packet}` : packet;
    const modules = [...new Set(layouts.map(({ module }) => module))].join(', ');
    const versions = layouts.map((layout) => layout.fields);
    const fields = groupOf(`${key}Fields`, versions, direction, groups);
    const schema = Type.Object({ name: Type.Literal(layouts[0].name), fields }, { description: `Of ${modules}` });
    return named(key, direction === 'sent' ? partOf(schema) : schema);
  });
  return { packets: schemas, groups };
}

interface Part {
  readonly required: readonly string[];
  readonly properties: TProperties;
  readonly description?: string;
}

/** Part of an object: it has more than these properties. */
function partOf({ required, properties, description }: Part): TSchema {
  return Type.Unsafe({ required, properties, description });
}

/** Turns `usrloc_aor_insert` into `UsrlocAorInsert`. */
function pascal(name: string): string {
  return name.replaceAll(/(?:^|_)([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

const DECODED = packetSchemas('decoded');
const SENT = packetSchemas('sent');

/** A packet without a name. */
function unnamedPacket(): TSchema {
  return partOf({ required: ['packet_type'], properties: { packet_type: PacketBody.properties.packet_type } });
}

const SentPayload = named('SentPayload', unnamedPacket());

const DecodedPacket = named(
  'DecodedPacket',
  Type.Union(DECODED.packets.map(ref), {
    description:
      'the payload, for a registration with decode. The module of the notification says which one it is where two have the same name',
  }),
);

type Described = TSchema & {
  readonly properties: TProperties;
  readonly description?: string;
  readonly examples?: readonly unknown[];
};

const SENT_SCHEMAS: readonly Named[] = [Base64, Text, Int64, ...SENT_CONTACT_IDS, ...SENT.groups, ...SENT.packets];

/** Those that `withDecodedPackets` refers to. */
export const DECODED_SCHEMAS: readonly Named[] = [ContactId, ...DECODED.groups, ...DECODED.packets, DecodedPacket];

/** The parameters of a send; `name` and `fields` are of any type here, because each packet has its own. */
function sendOf(name: string, { description, examples, ...send }: Described): Named {
  const { name: packetName, fields } = send.properties;
  if (packetName === undefined || fields === undefined) throw new Error('not a send');
  const any = { name: { description: descriptionOf(packetName) }, fields: { description: descriptionOf(fields) } };
  return named(name, Type.Unsafe({ ...send, properties: { ...send.properties, ...any } }));
}

/** Returns the parameters of a send with the names and fields of every packet. */
function withSentPackets({ description, examples }: Described, send: Named, unnamed: TSchema): TSchema {
  const packet = { anyOf: [unnamed, ...SENT.packets.map(ref)] };
  return Type.Unsafe({ description, examples, allOf: [ref(send), packet] });
}

const RestSend = sendOf('PacketToSend', PacketBody);
const SocketSend = sendOf('SocketPacketToSend', SOCKET_PARAMS.send_to);

/** In place of `PacketBody`. The alternative without a name is inline, since Redocly checks an example against each named part alone. */
export const SentPacketBody = withSentPackets(PacketBody, RestSend, unnamedPacket());

/** In place of the parameters of `send_to`. */
export const SentSocketParams = withSentPackets(SOCKET_PARAMS.send_to, SocketSend, ref(SentPayload));

/** Those that `SentPacketBody` refers to. */
export const REST_SENT_SCHEMAS: readonly Named[] = [...SENT_SCHEMAS, RestSend];

/** Those that `SentSocketParams` refers to. */
export const SOCKET_SENT_SCHEMAS: readonly Named[] = [...SENT_SCHEMAS, SentPayload, SocketSend];

/** Returns the parameters of a packet with the fields of every decoded packet. */
export function withDecodedPackets(packet: TObject): TSchema {
  return Type.Unsafe({ ...packet, properties: { ...packet.properties, decoded: OrNull(ref(DecodedPacket)) } });
}
