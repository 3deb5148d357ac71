import type { PacketEvent } from '../client/events.js';
import type { DecodedPacket } from '../wire/modules/decoded.js';
import type { Int64, Text } from '../wire/modules/field.js';
import { layoutsNamed, layoutsOf } from '../wire/modules/layouts.js';
import { packetLine } from './packet-line.js';

type Printed = Omit<PacketEvent, 'registration'>;

/** What the service puts in place of a value that nobody may see, whatever its type is. */
const REDACTED: unknown = '(redacted)';

/** By number, from 1 on (docs/layouts.md). */
const DIALOG_STATES = ['unconfirmed', 'early', 'confirmed without ACK', 'confirmed', 'deleted'];

/**
 * A packet that the service has decoded as one line with its telling fields:
 * `machine 2  contact_insert  alice  sip:alice@192.0.2.1  expires in 3600 s`. A packet that could not be decoded is printed as it is; if it
 * should have fitted a table, the line ends with what does not fit.
 * @param now unix milliseconds
 */
export function decodedLine(packet: Printed, now: number): string {
  const { decoded, decode_fault: fault = '' } = packet;
  if (decoded) {
    const named = { module: packet.module, ...decoded };
    const words = isKnown(named, packet) ? tellingOf(named, now).filter((word) => word !== '') : [];
    return [`machine ${packet.machine_id}`, decoded.name, ...words].join('  ');
  }
  const hasTable = layoutsOf({ ...packet, packetType: packet.packet_type }).length > 0;
  return hasTable ? `${packetLine(packet)}  ${fault}` : packetLine(packet);
}

/** Whether the service, which may be newer, decoded it by a table that is here too. The types are derived from the tables. */
function isKnown(
  named: { readonly module: string; readonly name: string; readonly fields: object },
  { dialect, version }: Printed,
): named is DecodedPacket {
  return layoutsNamed({ ...named, dialect, version }).length > 0;
}

/** The fields by which a person knows what has happened to whom. */
function tellingOf({ name, fields }: DecodedPacket, now: number): string[] {
  switch (name) {
    case 'aor_insert':
    case 'aor_delete':
      return [shown(fields.aor)];
    case 'contact_insert':
    case 'contact_update':
      return [shown(fields.aor), shown(fields.contact), expiry(fields.expires, now)];
    case 'contact_delete':
      return [shown(fields.aor), shown(fields.contact)];
    case 'created':
    case 'updated': {
      const { callid, from_uri, to_uri, state } = fields;
      return [shown(callid), `${shown(from_uri)} -> ${shown(to_uri)}`, DIALOG_STATES[state - 1] ?? `state ${state}`];
    }
    case 'deleted':
      return [shown(fields.callid)];
    case 'cseq':
      return [shown(fields.callid), `cseq ${fields.cseq}`];
    case 'value':
      return [shown(fields.callid), shown(fields.name)];
    case 'profiles':
      return eachOf(fields.profiles, ({ name, value, count }) => {
        return `${shown(name)}${value === undefined ? '' : `=${shown(value)}`} ${count}`;
      });
    case 'pipe_counter':
    case 'edge_pipe_counter':
    case 'core_pipe_counter':
      return eachOf<{ pipe: Text; counter: number; limit: number }>(fields.pipes, ({ pipe, counter, limit }) => {
        return `${shown(pipe)} ${counter} of ${limit}`;
      });
    case 'destination_status':
      return 'address' in fields
        ? [`group ${fields.group}`, shown(fields.address), `${changeOf(fields.type)} ${listed(fields.state)}`]
        : [`group ${fields.group}`, shown(fields.uri), listed(fields.flags)];
    case 'gateway_status':
      return [shown(fields.gw_id), listed(fields.flags)];
    case 'carrier_status':
      return [shown(fields.carrier), listed(fields.flags)];
    case 'insert':
      return [shown(fields.collection), shown(fields.attr), lifetime(fields.expires)];
    case 'remove':
      return [shown(fields.collection), shown(fields.attr)];
    case 'publish':
      return [`${shown(fields.user)}@${shown(fields.domain)}`, shown(fields.event), lifetime(fields.expires)];
    case 'query':
      return [shown(fields.pres_uri), shown(fields.event)];
    case 'publication':
      return [shown(fields.pres_uri)];
    case 'sharing_tag_active':
      return [shown(fields.tag)];
    case 'create':
    case 'update':
    case 'param_update':
    case 'ack':
    case 'delete':
      return [shown(fields.callid)];
  }
}

/** Text, or bytes that are not UTF-8 as their base64. */
function shown(text: Text): string {
  return typeof text === 'string' ? text : `base64:${text.base64}`;
}

/** Names, or text in their place. */
function listed(names: readonly string[] | Text): string {
  if (!Array.isArray(names)) return shown(names as Text);
  return names.join(', ') || 'none';
}

/** A redacted list is one text. */
function eachOf<T>(items: readonly T[], text: (item: T) => string): string[] {
  return Array.isArray(items) ? items.map(text) : [String(items)];
}

/** @param type 0: the state is taken away */
function changeOf(type: number): string {
  if (type === REDACTED) return String(type);
  return type === 0 ? 'clears' : 'sets';
}

/** @param expires unix seconds; 0: never */
function expiry(expires: Int64, now: number): string {
  if (expires === REDACTED) return lifetime(expires);
  const seconds = Number(expires);
  const left = Math.ceil(seconds - now / 1000);
  if (seconds === 0 || left > 0) return lifetime(seconds === 0 ? 0 : left);
  return 'expired';
}

/** @param seconds 0: without end */
function lifetime(seconds: Int64): string {
  if (seconds === REDACTED) return `expires ${seconds}`;
  return seconds === 0 ? 'never expires' : `expires in ${seconds} s`;
}
