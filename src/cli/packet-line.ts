import type { GapEvent, PacketEvent } from '../client/events.js';
import type { Notifications } from '../schemas/notifications.js';

/** Bytes of a payload that a line shows. */
const MOST_SHOWN = 120;

/** The id of a registration is a secret: nothing here is given it. */
type Told<E> = Omit<E, 'registration'>;

/** A packet as one line: `machine 2  ul  type 3  127.0.0.2:4711  5 bytes  "hello"`. */
export function packetLine({ machine_id, module, packet_type, source, payload }: Told<PacketEvent>): string {
  const rest = payload.length > MOST_SHOWN ? ' …' : '';
  const shown = `"${readable(payload.subarray(0, MOST_SHOWN))}"${rest}`;
  return [`machine ${machine_id}`, module, `type ${packet_type}`, source, `${payload.length} bytes`, shown].join('  ');
}

export function timeoutLine({ machine_id, silent_for }: Told<Notifications['timeout']>): string {
  return `machine ${machine_id}  timeout  silent for ${silent_for} seconds`;
}

export function tempDisabledLine(told: Told<Notifications['temp_disabled']>): string {
  const { machine_id, dropped, seconds_until_enabling } = told;
  return `machine ${machine_id}  temp_disabled  ${dropped} dropped, listening again in ${seconds_until_enabling} seconds`;
}

export function upLine({ machine_id }: Told<Notifications['up']>): string {
  return `machine ${machine_id}  up`;
}

/** What came while nobody could keep it is lost. */
export function gapLine({ reason, missed }: GapEvent): string {
  return `gap  ${missed ?? 'nobody knows how many'} notifications lost: ${reason}`;
}

/** Bytes as text: printable ASCII as it is, all others as `\x00`, a backslash doubled. */
function readable(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => {
    if (byte === 0x5c) return '\\\\';
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}
