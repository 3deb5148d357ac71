import type { PacketBody } from '../../schemas/packet.js';
import { invalidInput } from '../../schemas/validation.js';
import type { OutgoingContent } from './frames.js';
import { checkDecoding, type DecodeOptions, decodeBase64 } from './packet-checks.js';
import type { NamedContent } from './packet-forms.js';

const MISSING = 'is required, unless name and fields are given';

/**
 * Returns what a body says: bytes, or a name and fields.
 * @throws `invalid_input` for both, for neither, and for a payload that is not base64; `decode_not_supported`
 */
export function contentOf(body: PacketBody, options: DecodeOptions): OutgoingContent | NamedContent {
  const { module, version = null, name, fields, packet_type: packetType, payload } = body;
  if (name === undefined && fields === undefined) {
    if (packetType === undefined) throw invalidInput([{ pointer: '/packet_type', detail: MISSING }]);
    return { module, version, packetType, payload: decodeBase64(payload ?? '') };
  }
  const others = { packet_type: packetType, payload };
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  if (given.length > 0) {
    throw invalidInput(
      given.map(([field]) => ({ pointer: `/${field}`, detail: 'cannot be given with name and fields' })),
    );
  }
  if (name === undefined) throw invalidInput([{ pointer: '/name', detail: 'is required with fields' }]);
  if (fields === undefined) throw invalidInput([{ pointer: '/fields', detail: 'is required with name' }]);
  checkDecoding(options);
  return { module, version, name, fields };
}
