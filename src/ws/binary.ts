import { Sender } from 'ws';
import { InvalidParams } from '../rpc/json-rpc.js';
import { LARGEST_ID } from '../schemas/common.js';
import type { SendAnswer } from '../schemas/packet.js';
import { type Caller, requireRole } from '../security/tokens.js';
import type { ClusterService } from '../service/cluster-service.js';
import { DIALECTS, type DialectId, type PacketContent } from '../wire/dialects/dialect.js';
import { V22 } from '../wire/dialects/v22.js';

/** Binary messages of `clusterer.v1.bin`: a header of 16 bytes, little-endian, then whole BIN packets (docs/protocol.md). */

const HEADER_BYTES = 16;
const PACKETS = 1;
const SEND_TO = 2;

/** The longest frame header that a server sends, in bytes (RFC 6455, section 5.2). */
export const LONGEST_WS_HEADER = 10;

/** A whole message in one frame. Only clients mask. */
const BINARY_FRAME = { fin: true, opcode: 2, mask: false, readOnly: true, rsv1: false };

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
  const [frameHeader] = Sender.frame({ length: HEADER_BYTES + bytes }, BINARY_FRAME);
  const head = Buffer.allocUnsafe(frameHeader.length + HEADER_BYTES);
  const at = frameHeader.copy(head);
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
  /** Null when the header is not followed by exactly one whole packet. */
  readonly packet: PacketContent | null;
}

/** Returns null for a frame of another kind. */
export function readSendTo(frame: Buffer): SendToFrame | null {
  if (frame.length < HEADER_BYTES || frame.readUInt8(0) !== SEND_TO) return null;
  const bytes = frame.subarray(HEADER_BYTES);
  return { requestId: frame.readUInt32LE(4), clusterId: frame.readUInt32LE(8), packet: readPacket(bytes) };
}

function readPacket(bytes: Buffer): PacketContent | null {
  const isWhole = bytes.length > 0 && V22.measure(bytes, 0, bytes.length) === bytes.length;
  const head = isWhole ? V22.decode(bytes) : 'too_short';
  if (head === 'too_short') return null;
  const { module, packetType, version, payloadOffset, payloadEnd } = head;
  return { module, packetType, version, payload: bytes.subarray(payloadOffset, payloadEnd) };
}

/** @throws `forbidden`, `InvalidParams`, and the errors of `send_to` */
export async function sendFrame(service: ClusterService, caller: Caller, request: SendToFrame): Promise<SendAnswer> {
  requireRole(caller, 'module');
  const { clusterId, packet } = request;
  if (packet === null) throw invalid('', 'must be exactly one whole BIN packet after the 16 header bytes');
  if (clusterId < 1 || clusterId > LARGEST_ID) throw invalid('/cluster_id', `must be 1 to ${LARGEST_ID}`);
  return { results: await service.modules.sendPacket(clusterId, { ...packet, protocol: 'bin' }) };
}

function invalid(pointer: string, detail: string): InvalidParams {
  return new InvalidParams([{ pointer, detail }]);
}
