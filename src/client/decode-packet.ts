import type { DecodedPacket } from '../wire/modules/decoded.js';
import { layoutsOf } from '../wire/modules/layouts.js';
import { decodePayload } from '../wire/modules/payloads.js';
import type { PacketEvent } from './events.js';

/** What a packet says: narrow it by `name`, and by `module` where two modules share a name. Or a fault. */
export type PacketDecoding =
  | (DecodedPacket & { readonly fault?: undefined })
  | {
      /** What does not fit, with the byte offset in the payload. */
      readonly fault: string;
      readonly module?: undefined;
      readonly name?: undefined;
      readonly fields?: undefined;
    };

/**
 * Decodes the payload of a packet to `name` and `fields` (docs/layouts.md), or says in `fault` why it cannot. Never throws. Packets of both
 * dialects and both subprotocols are decoded alike.
 */
export function decodePacket(
  packet: Pick<PacketEvent, 'dialect' | 'module' | 'version' | 'packet_type' | 'payload'>,
): PacketDecoding {
  const { dialect, module, version, packet_type: packetType, payload } = packet;
  const decoded = decodePayload(layoutsOf({ dialect, module, version, packetType }), payload);
  if ('fault' in decoded) return { fault: decoded.fault };
  const { name, fields } = decoded;
  // The types are derived from the tables by which the payload was decoded.
  return { module, name, fields } as DecodedPacket;
}
