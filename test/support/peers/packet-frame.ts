import { separated } from './separated.js';

/** A binary frame of `clusterer.v1.bin`, read without code of the service. */
export interface PacketFrame {
  /** The number of the registration. */
  readonly number: number;
  /** Of the first packet. */
  readonly seq: number;
  /** Byte 1: 0 for 2.2, 1 for 2.4. */
  readonly dialect: number;
  /** Whole BIN packets, as many as the header counts. */
  readonly packets: readonly Buffer[];
}

/** @throws Error if the length of the frame does not match its header and packets */
export function readPacketFrame(frame: Buffer): PacketFrame {
  const dialect = frame.readUInt8(1);
  if (frame.readUInt8(0) !== 1 || dialect > 1) throw new Error('the frame is not of kind 1');
  const packets = separated(frame.subarray(16), frame.readUInt16LE(2));
  return { number: frame.readUInt32LE(4), seq: Number(frame.readBigUInt64LE(8)), dialect, packets };
}

/** A binary `send_to`. */
export function sendToFrame(requestId: number, clusterId: number, packet: Uint8Array): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt8(2, 0);
  header.writeUInt32LE(requestId, 4);
  header.writeUInt32LE(clusterId, 8);
  return Buffer.concat([header, packet]);
}
