import { Sender } from 'ws';
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

/** Bytes of the longest header of a WebSocket frame that a server sends (RFC 6455, section 5.2). */
export const LONGEST_WS_HEADER = 10;

/** One whole message of bytes; only a client masks what it sends. */
const BINARY_FRAME = { fin: true, opcode: 2, mask: false, readOnly: true, rsv1: false };

/**
 * What stands before the packets of one message: the header of its WebSocket frame, then which registration they are for, how many they
 * are, and the `seq` of the first. `bytes` is the length of the packets.
 */
export function packetMessageHead(bytes: number, count: number, registrationNumber: number, firstSeq: number): Buffer {
  const head = Buffer.allocUnsafe(HEADER_BYTES);
  head.writeUInt16LE(PACKETS, 0);
  head.writeUInt16LE(count, 2);
  head.writeUInt32LE(registrationNumber, 4);
  head.writeUInt32LE(firstSeq % 2 ** 32, 8);
  head.writeUInt32LE(Math.floor(firstSeq / 2 ** 32), 12);
  // It reads only the length, and returns the header and what it was given.
  const [wsHeader] = Sender.frame({ length: HEADER_BYTES + bytes }, BINARY_FRAME);
  return Buffer.concat([wsHeader, head]);
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
