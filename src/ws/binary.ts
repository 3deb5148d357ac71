import { InvalidParams } from '../rpc/json-rpc.js';
import { LARGEST_ID } from '../schemas/common.js';
import type { SendAnswer } from '../schemas/packet.js';
import { type Caller, requireRole } from '../security/tokens.js';
import type { ClusterService } from '../service/cluster-service.js';
import { measureFrame } from '../wire/frame.js';
import { decodePacket, type Packet } from '../wire/packet.js';

/** Binary frames of `clusterer.v1.bin`: 16 bytes, little-endian, then whole BIN packets. */

const HEADER_BYTES = 16;
const PACKETS = 1;
const SEND_TO = 2;

/** Bytes of the header of a WebSocket frame that a server sends (RFC 6455, section 5.2). */
export const LONGEST_WS_HEADER = 10;
const FINAL_BINARY = 0x82;

/**
 * All that stands before the packets of one message: the header of its WebSocket frame, and what registration they are for, how many,
 * and the `seq` of the first. `bytes` is the length of the packets.
 */
export function packetMessageHead(bytes: number, count: number, registrationNumber: number, firstSeq: number): Buffer {
  const head = Buffer.allocUnsafe(LONGEST_WS_HEADER + HEADER_BYTES);
  const at = writeFrameHeader(head, HEADER_BYTES + bytes);
  head.writeUInt16LE(PACKETS, at);
  head.writeUInt16LE(count, at + 2);
  head.writeUInt32LE(registrationNumber, at + 4);
  head.writeUInt32LE(firstSeq % 2 ** 32, at + 8);
  head.writeUInt32LE(Math.floor(firstSeq / 2 ** 32), at + 12);
  return head.subarray(0, at + HEADER_BYTES);
}

/** Answers how long the header is. */
function writeFrameHeader(head: Buffer, length: number): number {
  head[0] = FINAL_BINARY;
  if (length < 126) return head.writeUInt8(length, 1);
  if (length < 2 ** 16) {
    head[1] = 126;
    return head.writeUInt16BE(length, 2);
  }
  head[1] = 127;
  return head.writeBigUInt64BE(BigInt(length), 2);
}

/** A client's binary `send_to`. */
export interface SendToFrame {
  readonly requestId: number;
  readonly clusterId: number;
  /** Null when what follows the header is not exactly one whole packet. */
  readonly packet: Packet | null;
}

/** Null when it is no such frame at all. */
export function readSendTo(frame: Buffer): SendToFrame | null {
  if (frame.length < HEADER_BYTES || frame.readUInt8(0) !== SEND_TO) return null;
  const bytes = frame.subarray(HEADER_BYTES);
  const whole = bytes.length > 0 && measureFrame(bytes, 0, bytes.length) === bytes.length;
  const packet = whole ? decodePacket(bytes) : 'too_short';
  return {
    requestId: frame.readUInt32LE(4),
    clusterId: frame.readUInt32LE(8),
    packet: packet === 'too_short' ? null : packet,
  };
}

/** @throws `forbidden`, `InvalidParams`, and what `send_to` throws */
export async function sendFrame(service: ClusterService, caller: Caller, request: SendToFrame): Promise<SendAnswer> {
  requireRole(caller, 'module');
  const { clusterId, packet } = request;
  if (packet === null) throw invalid('', 'must be one whole BIN packet behind the 16 bytes of the header');
  if (clusterId < 1 || clusterId > LARGEST_ID) throw invalid('/cluster_id', `must be 1 to ${LARGEST_ID}`);
  const { module, packetType, version, frame, payloadOffset } = packet;
  const outgoing = { module, packetType, version, protocol: 'bin', payload: frame.subarray(payloadOffset) };
  return { results: await service.modules.sendPacket(clusterId, outgoing) };
}

function invalid(pointer: string, detail: string): InvalidParams {
  return new InvalidParams([{ pointer, detail }]);
}
