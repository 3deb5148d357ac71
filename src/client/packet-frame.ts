import { DIALECT_22 } from '../wire/dialects/layout-22.js';

/** Bytes before the packets of a binary frame. */
const HEADER_BYTES = 16;
const PACKETS = 1;

const { lengthAt, versionAt, nameLengthAt, nameAt, packetTypeBytes, machineIdBytes, minimumLength } = DIALECT_22;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** One packet of a binary frame. */
export interface FramedPacket {
  readonly seq: number;
  readonly machine_id: number;
  readonly module: string;
  readonly packet_type: number;
  readonly version: number;
  /** A view into the frame. */
  readonly payload: Uint8Array;
}

/** A binary frame of `clusterer.v1.bin`. */
export interface PacketFrame {
  /** The number of the registration. */
  readonly number: number;
  readonly packets: readonly FramedPacket[];
}

/** Reads a binary frame, without the APIs of Node. @throws RangeError for anything else */
export function readPacketFrame(frame: Uint8Array): PacketFrame {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint8(0) !== PACKETS) throw new RangeError('not a frame of packets');
  const firstSeq = Number(view.getBigUint64(8, true));
  const packets: FramedPacket[] = [];
  for (let at = HEADER_BYTES; at < frame.length; ) {
    const length = view.getUint16(at + lengthAt, true);
    if (length < minimumLength) throw new RangeError('a packet with an invalid length');
    packets.push(packetAt(frame, view, at, at + length, firstSeq + packets.length));
    at += length;
  }
  return { number: view.getUint32(4, true), packets };
}

function packetAt(frame: Uint8Array, view: DataView, start: number, end: number, seq: number): FramedPacket {
  const nameEnd = start + nameAt + view.getInt32(start + nameLengthAt, true);
  const machineIdAt = nameEnd + packetTypeBytes;
  return {
    seq,
    machine_id: view.getInt32(machineIdAt, true),
    module: decoder.decode(frame.subarray(start + nameAt, nameEnd)),
    packet_type: view.getInt32(nameEnd, true),
    version: view.getUint16(start + versionAt, true),
    payload: frame.subarray(machineIdAt + machineIdBytes, end),
  };
}
