import type { PacketBody } from '../../schemas/packet.js';
import { formFaults } from '../../schemas/packet-form.js';
import { invalidInput } from '../../schemas/validation.js';
import type { OutgoingContent } from './frames.js';
import { checkDecoding, type DecodeOptions, decodeBase64 } from './packet-checks.js';
import type { NamedContent } from './packet-forms.js';

/**
 * Returns what a body says: bytes, or a name and fields.
 * @throws `invalid_input` for a payload that is not base64; `decode_not_supported`
 */
export function contentOf(body: PacketBody, options: DecodeOptions): OutgoingContent | NamedContent {
  const { module, version = null, name, fields, packet_type: packetType, payload } = body;
  if (packetType !== undefined) return { module, version, packetType, payload: decodeBase64(payload ?? '') };
  // The rule of the schema has refused such a body before.
  if (name === undefined || fields === undefined) throw invalidInput(formFaults(body));
  checkDecoding(options);
  return { module, version, name, fields };
}
