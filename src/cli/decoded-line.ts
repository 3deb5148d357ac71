import { decodePacket } from '../client/decode-packet.js';
import type { PacketEvent } from '../client/events.js';
import type { DecodedPacket } from '../wire/modules/decoded.js';
import type { Int64, Text } from '../wire/modules/field.js';
import { layoutsOf } from '../wire/modules/layouts.js';
import { packetLine } from './packet-line.js';

type Printed = Omit<PacketEvent, 'registration'>;

/** By number, from 1 on (docs/layouts.md). */
const DIALOG_STATES = ['unconfirmed', 'early', 'confirmed without ACK', 'confirmed', 'deleted'];

/**
 * A packet as one line with its telling fields: `machine 2  contact_insert  alice  sip:alice@192.0.2.1  expires in 3600 s`. A packet that
 * cannot be decoded is printed as it is; if it should have fitted a table, the line ends with what does not fit.
 * @param now unix milliseconds
 */
export function decodedLine(packet: Printed, now: number): string {
  const decoded = decodePacket(packet);
  if (decoded.fault === undefined) {
    const words = tellingOf(decoded, now).filter((word) => word !== '');
    return [`machine ${packet.machine_id}`, decoded.name, ...words].join('  ');
  }
  const hasTable = layoutsOf({ ...packet, packetType: packet.packet_type }).length > 0;
  return hasTable ? `${packetLine(packet)}  ${decoded.fault}` : packetLine(packet);
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
      return fields.profiles.map(({ name, value, count }) => {
        return `${shown(name)}${value === undefined ? '' : `=${shown(value)}`} ${count}`;
      });
    case 'pipe_counter':
    case 'edge_pipe_counter':
    case 'core_pipe_counter':
      return fields.pipes.map(({ pipe, counter, limit }) => `${shown(pipe)} ${counter} of ${limit}`);
    case 'destination_status':
      return 'address' in fields
        ? [
            `group ${fields.group}`,
            shown(fields.address),
            `${fields.type === 0 ? 'clears' : 'sets'} ${listed(fields.state)}`,
          ]
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

function listed(names: readonly string[]): string {
  return names.join(', ') || 'none';
}

/** @param expires unix seconds; 0: never */
function expiry(expires: Int64, now: number): string {
  const seconds = Number(expires);
  const left = Math.ceil(seconds - now / 1000);
  if (seconds === 0 || left > 0) return lifetime(seconds === 0 ? 0 : left);
  return 'expired';
}

/** @param seconds 0: without end */
function lifetime(seconds: number): string {
  return seconds === 0 ? 'never expires' : `expires in ${seconds} s`;
}
