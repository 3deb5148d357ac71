import { separated } from './separated.js';

/** A binary frame of `clusterer.v1.bin`, read without the service's code. */
export interface PacketFrame {
  /** Of the registration. */
  readonly number: number;
  /** Of the first packet. */
  readonly seq: number;
  /** Whole BIN packets; the header has their number. */
  readonly packets: readonly Buffer[];
}

/** @throws Error when the frame does not agree with its header and the lengths of its packets */
export function readPacketFrame(frame: Buffer): PacketFrame {
  if (frame.readUInt8(0) !== 1 || frame.readUInt8(1) !== 0) throw new Error('the frame is not of kind 1');
  const packets = separated(frame.subarray(16), frame.readUInt16LE(2));
  return { number: frame.readUInt32LE(4), seq: Number(frame.readBigUInt64LE(8)), packets };
}

/** A binary `send_to`. */
export function sendToFrame(requestId: number, clusterId: number, packet: Uint8Array): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt8(2, 0);
  header.writeUInt32LE(requestId, 4);
  header.writeUInt32LE(clusterId, 8);
  return Buffer.concat([header, packet]);
}
