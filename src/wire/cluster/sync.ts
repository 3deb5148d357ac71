import { EXTRA, LAYOUT_24 } from '../dialects/layout-24.js';
import { CHUNK_HEAD_BYTES } from './chunks.js';
import { FAMILY_TRAITS, type Family } from './family.js';
import type { MessageFault } from './fault.js';
import type { ExtraMessage, Route } from './messages.js';

/** Bytes. Daemons make packets of about this length. */
export const SYNC_PACKET_BYTES = 32_768;

/** Of which capability a sync is, from whom and to whom. */
export interface SyncHead extends Route {
  readonly capability: string;
  /** The packet version that the chunks are written in; null in family C1. */
  readonly dataVersion: number | null;
}

/**
 * Puts chunks into `sync` messages whose packets have at most `maxBytes` (a longer chunk has a packet of its own, up to 65,515 bytes), and
 * ends with `sync_end` and the exact count. Send all of them: a sync without its end blocks the capability. Returns a fault for a chunk that
 * is empty or does not fit into any packet.
 */
export function packSync(
  head: SyncHead,
  chunks: readonly Uint8Array[],
  family: Family,
  maxBytes = SYNC_PACKET_BYTES,
): readonly ExtraMessage[] | MessageFault {
  const fixedBytes =
    LAYOUT_24.capabilityAt +
    EXTRA.length +
    LAYOUT_24.packetTypeBytes +
    LAYOUT_24.trailerBytes +
    2 +
    4 +
    Buffer.byteLength(head.capability);
  const messages: ExtraMessage[] = [];
  let packed: Uint8Array[] = [];
  let bytes = fixedBytes;
  const most = Math.min(maxBytes, LAYOUT_24.maximumSent);
  for (const [i, chunk] of chunks.entries()) {
    const needed = CHUNK_HEAD_BYTES + chunk.length;
    if (chunk.length === 0) return { fault: 'bad_chunk', field: `chunks[${i}]`, offset: fixedBytes };
    if (fixedBytes + needed > LAYOUT_24.maximumSent) {
      return { fault: 'too_long', field: `chunks[${i}]`, offset: fixedBytes };
    }
    if (packed.length > 0 && bytes + needed > most) {
      messages.push({ ...head, type: 'sync', chunks: packed });
      packed = [];
      bytes = fixedBytes;
    }
    packed.push(chunk);
    bytes += needed;
  }
  if (packed.length > 0) messages.push({ ...head, type: 'sync', chunks: packed });
  const { clusterId, origin, destination, capability } = head;
  const counted = FAMILY_TRAITS[family].syncVersion === 3 ? chunks.length : null;
  messages.push({ type: 'sync_end', clusterId, origin, destination, capability, chunks: counted });
  return messages;
}
