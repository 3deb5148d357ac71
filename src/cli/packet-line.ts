import type { GapEvent, PacketEvent } from '../client/events.js';
import type { Notifications } from '../schemas/notifications.js';

/** A line shows at most this many bytes of a payload. */
const MAX_SHOWN = 120;

/** The id of a registration is a secret and never printed. */
type Printed<E> = Omit<E, 'registration'>;

/** A packet as one line: `machine 2  ul  type 3  127.0.0.2:4711  5 bytes  "hello"`. */
export function packetLine({ payload, redacted, ...packet }: Printed<PacketEvent>): string {
  const head = [`machine ${packet.machine_id}`, packet.module, `type ${packet.packet_type}`, packet.source];
  if (redacted) return [...head, '(redacted)'].join('  ');
  const rest = payload.length > MAX_SHOWN ? ' …' : '';
  const shown = `"${readable(payload.subarray(0, MAX_SHOWN))}"${rest}`;
  return [...head, `${payload.length} bytes`, shown].join('  ');
}

export function timeoutLine({ machine_id, silent_for }: Printed<Notifications['timeout']>): string {
  return `machine ${machine_id}  timeout  silent for ${silent_for} seconds`;
}

export function tempDisabledLine(params: Printed<Notifications['temp_disabled']>): string {
  const { machine_id, dropped, seconds_until_enabling } = params;
  return `machine ${machine_id}  temp_disabled  ${dropped} dropped, accepted again in ${seconds_until_enabling} seconds`;
}

export function upLine({ machine_id }: Printed<Notifications['up']>): string {
  return `machine ${machine_id}  up`;
}

export function syncStartedLine({ machine_id }: Printed<Notifications['sync_started']>): string {
  return `machine ${machine_id}  sync_started`;
}

export function syncEndedLine({ machine_id, packets, complete, reason }: Printed<Notifications['sync_ended']>): string {
  const result = complete ? 'complete' : `not complete: ${reason ?? 'unknown'}`;
  return `${machine_id === null ? 'no machine' : `machine ${machine_id}`}  sync_ended  ${packets} packets, ${result}`;
}

export function gapLine({ reason, missed }: GapEvent): string {
  return `gap  ${missed ?? 'an unknown number of'} notifications lost: ${reason}`;
}

/** Bytes as text: printable ASCII unchanged, all others as `\x00`, a backslash doubled. */
function readable(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => {
    if (byte === 0x5c) return '\\\\';
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}
