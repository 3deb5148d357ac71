import { InvalidParams } from '../rpc/json-rpc.js';
import type { SendAnswer } from '../schemas/packet.js';
import { invalidInput } from '../schemas/validation.js';
import { LARGEST_ID } from '../schemas/values.js';
import { type Caller, requireRole } from '../security/tokens.js';
import type { ClusterService } from '../service/cluster-service.js';
import { detect, releaseOf } from '../wire/dialects/detect.js';
import type { PacketContent } from '../wire/dialects/dialect.js';
import { DIALECTS, type DialectId } from '../wire/dialects/dialect-id.js';
import { V22 } from '../wire/dialects/v22.js';
import { v24 } from '../wire/dialects/v24.js';
import { frameHeader } from './frame-header.js';

/** Binary messages of `clusterer.v1.bin`: a header of 16 bytes, little-endian, then whole BIN packets (docs/protocol.md). */

const HEADER_BYTES = 16;
const PACKETS = 1;
const SEND_TO = 2;

/**
 * What comes before the packets of one message: the header of the WebSocket frame, then the header with the dialect, the registration, the number
 * of packets and the `seq` of the first. `bytes` is the length of the packets.
 */
export function packetMessageHead(
  dialect: DialectId,
  bytes: number,
  count: number,
  registrationNumber: number,
  firstSeq: number,
): Buffer {
  const header = frameHeader('binary', HEADER_BYTES + bytes);
  const head = Buffer.allocUnsafe(header.length + HEADER_BYTES);
  const at = header.copy(head);
  head.writeUInt8(PACKETS, at);
  head.writeUInt8(DIALECTS.indexOf(dialect), at + 1);
  head.writeUInt16LE(count, at + 2);
  head.writeUInt32LE(registrationNumber, at + 4);
  head.writeUInt32LE(firstSeq % 2 ** 32, at + 8);
  head.writeUInt32LE(Math.floor(firstSeq / 2 ** 32), at + 12);
  return head;
}

/** A client's binary `send_to`. */
export interface SendToFrame {
  readonly requestId: number;
  readonly clusterId: number;
  /** What follows the header: it should be one whole packet. */
  readonly bytes: Buffer;
}

/** Returns null for a frame of another kind. */
export function readSendTo(frame: Buffer): SendToFrame | null {
  if (frame.length < HEADER_BYTES || frame.readUInt8(0) !== SEND_TO) return null;
  return {
    requestId: frame.readUInt32LE(4),
    clusterId: frame.readUInt32LE(8),
    bytes: frame.subarray(HEADER_BYTES),
  };
}

/** Reads a packet of a dialect; what it says of sender, destination and cluster is left out. @throws `InvalidParams`, `invalid_input` for another dialect */
export function readPacket(bytes: Buffer, dialect: DialectId): PacketContent {
  const layout = dialect === '2.4' ? v24 : V22;
  const length = layout.measure(bytes, 0, bytes.length);
  if (length === 'other_dialect') throw invalidInput([{ pointer: '', detail: otherDialect(bytes, dialect) }]);
  const head = bytes.length > 0 && length === bytes.length ? layout.decode(bytes) : 'too_short';
  if (head === 'too_short') throw invalid('', 'must be exactly one whole BIN packet after the 16 header bytes');
  const { module, packetType, version, payloadOffset, payloadEnd } = head;
  return { module, packetType, version, payload: bytes.subarray(payloadOffset, payloadEnd) };
}

function otherDialect(bytes: Buffer, dialect: DialectId): string {
  const found = detect(bytes, 0, bytes.length);
  const release = found === '2.2' || found === '2.3' || found === '2.4' ? releaseOf(found) : 'another release';
  return `has the header of ${release}; write the packet for ${releaseOf(dialect)}, as this cluster speaks, or send it as JSON`;
}

/** @throws `forbidden`, `InvalidParams`, and the errors of `send_to` */
export async function sendFrame(service: ClusterService, caller: Caller, request: SendToFrame): Promise<SendAnswer> {
  requireRole(caller, 'module');
  const { clusterId, bytes } = request;
  if (clusterId < 1 || clusterId > LARGEST_ID) throw invalid('/cluster_id', `must be 1 to ${LARGEST_ID}`);
  const packet = readPacket(bytes, service.options.dialectOf(clusterId));
  return { results: await service.modules.sendPacket(clusterId, { ...packet, protocol: 'bin' }) };
}

function invalid(pointer: string, detail: string): InvalidParams {
  return new InvalidParams([{ pointer, detail }]);
}
