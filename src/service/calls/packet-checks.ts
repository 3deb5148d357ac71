import { ServiceError } from '../../ground/errors.js';
import { LONGEST_MODULE_NAME } from '../../schemas/packet.js';
import { invalidInput } from '../../schemas/validation.js';
import { capabilityOf } from '../../wire/cluster/capability-of.js';
import { isPrintable } from '../../wire/dialects/detect.js';
import type { DialectId } from '../../wire/dialects/dialect-id.js';

/** The protocols that the service sends and receives. */
const SUPPORTED: readonly string[] = ['bin', 'bins'];

/** So begin the capabilities of links, topology, sync, tags and MI. */
const RESERVED = 'clusterer';

/** @throws `protocol_not_supported` */
export function checkProtocol(protocol: string): void {
  if (SUPPORTED.includes(protocol)) return;
  const detail = `The protocol ${JSON.stringify(protocol)} is not supported. Use ${SUPPORTED.join(' or ')}.`;
  throw new ServiceError('protocol_not_supported', detail, { errors: [{ pointer: '/protocol', detail }] });
}

/** One rule for names from JSON and from binary frames. Invalid UTF-8, or half a surrogate pair in JSON, has become U+FFFD. @throws `invalid_input` */
export function checkName(module: string): void {
  const characters = [...module].length;
  if (characters < 1 || characters > LONGEST_MODULE_NAME) {
    throw invalidInput([{ pointer: '/module', detail: `must have 1 to ${LONGEST_MODULE_NAME} characters` }]);
  }
  if (Buffer.from(module).includes('\ufffd')) {
    throw invalidInput([{ pointer: '/module', detail: 'must be valid UTF-8' }]);
  }
}

/** In dialect 2.4 the packets of some names keep a fleet together. @throws `module_reserved` */
export function checkReserved(module: string): void {
  if (!module.startsWith(RESERVED)) return;
  const detail = `Names that begin with ${RESERVED} belong to the service itself. Use the name of a module.`;
  throw new ServiceError('module_reserved', detail, { errors: [{ pointer: '/module', detail }] });
}

/** Returns the capability that a module's name means in dialect 2.4. @throws `module_reserved`, `invalid_input` */
export function checkedCapability(module: string): string {
  checkReserved(module);
  checkName(module);
  if (!Buffer.from(module).every(isPrintable)) {
    const detail = 'must be printable ASCII without blanks, as capabilities of OpenSIPS 2.4 and later are';
    throw invalidInput([{ pointer: '/module', detail }]);
  }
  return capabilityOf(module);
}

export interface DecodeOptions {
  /** Whether payloads are decoded and encoded. */
  readonly decode: boolean;
}

/** @throws `decode_not_supported` */
export function checkDecoding({ decode }: DecodeOptions): void {
  if (decode) return;
  const detail =
    'Payloads are passed on as bytes only (CLUSTERER_DECODE=off). Register without decode, and send packet_type and payload.';
  throw new ServiceError('decode_not_supported', detail);
}

const LONGEST_PACKET: Readonly<Record<DialectId, string>> = { '2.2': '65535', '2.4': '65515' };

/** The payload, which the field at `pointer` makes, does not fit into a packet of the dialect. */
export function payloadTooLong(dialect: DialectId, pointer: string): ServiceError {
  const detail = `does not fit into a packet of ${LONGEST_PACKET[dialect]} bytes`;
  return new ServiceError('payload_too_long', `The payload ${detail}. Shorten it.`, {
    errors: [{ pointer, detail }],
  });
}

/** Node skips invalid base64: without this check a mistyped or truncated payload would be sent shortened. @throws `invalid_input` */
export function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') === text) return bytes;
  throw invalidInput([{ pointer: '/payload', detail: 'must be base64 (A-Z, a-z, 0-9, +, /) padded with =' }]);
}
