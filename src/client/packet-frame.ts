import type { Notifications } from '../schemas/notifications.js';
import { DIALECT_22 } from '../wire/dialects/layout-22.js';
import { LAYOUT_24 } from '../wire/dialects/layout-24.js';

/** Bytes before the packets of a binary frame. */
const HEADER_BYTES = 16;
const PACKETS = 1;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What a packet says, in the names of the notification `packet`. */
interface PacketFields {
  /** Null in 2.2, whose packets name no cluster. */
  readonly cluster_id: number | null;
  readonly machine_id: number;
  readonly module: string;
  readonly packet_type: number;
  readonly version: number;
  /** A view into the frame. */
  readonly payload: Uint8Array;
}

/** One packet of a binary frame. */
export interface FramedPacket extends PacketFields {
  readonly seq: number;
  readonly dialect: Notifications['packet']['dialect'];
}

/** A binary frame of `clusterer.v1.bin`. */
export interface PacketFrame {
  /** The number of the registration. */
  readonly number: number;
  readonly packets: readonly FramedPacket[];
}

/** How to read the packets of a dialect. */
interface Reader {
  readonly dialect: FramedPacket['dialect'];
  readonly minimumLength: number;
  /** Bytes of the packet at `start`. */
  lengthAt(view: DataView, start: number): number;
  read(frame: Uint8Array, view: DataView, start: number, end: number): PacketFields;
}

/** By the second byte of a frame. */
const READERS: readonly Reader[] = [
  {
    dialect: '2.2',
    minimumLength: DIALECT_22.minimumLength,
    lengthAt: (view, start) => view.getUint16(start + DIALECT_22.lengthAt, true),
    read: read22,
  },
  {
    dialect: '2.4',
    minimumLength: LAYOUT_24.minimumLength,
    lengthAt: (view, start) => view.getUint32(start + LAYOUT_24.lengthAt, true),
    read: read24,
  },
];

/** Reads a binary frame, without the APIs of Node. @throws RangeError for anything else */
export function readPacketFrame(frame: Uint8Array): PacketFrame {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const reader = READERS[view.getUint8(1)];
  if (view.getUint8(0) !== PACKETS || reader === undefined) throw new RangeError('not a frame of packets');
  const { dialect, minimumLength, lengthAt, read } = reader;
  const firstSeq = Number(view.getBigUint64(8, true));
  const packets: FramedPacket[] = [];
  for (let at = HEADER_BYTES; at < frame.length; ) {
    const length = lengthAt(view, at);
    if (length < minimumLength) throw new RangeError('a packet with an invalid length');
    packets.push({ seq: firstSeq + packets.length, dialect, ...read(frame, view, at, at + length) });
    at += length;
  }
  return { number: view.getUint32(4, true), packets };
}

function read22(frame: Uint8Array, view: DataView, start: number, end: number): PacketFields {
  const { versionAt, nameLengthAt, nameAt, packetTypeBytes, machineIdBytes } = DIALECT_22;
  const nameEnd = start + nameAt + view.getInt32(start + nameLengthAt, true);
  const machineIdAt = nameEnd + packetTypeBytes;
  return {
    cluster_id: null,
    machine_id: view.getInt32(machineIdAt, true),
    module: decoder.decode(frame.subarray(start + nameAt, nameEnd)),
    packet_type: view.getInt32(nameEnd, true),
    version: view.getUint16(start + versionAt, true),
    payload: frame.subarray(machineIdAt + machineIdBytes, end),
  };
}

function read24(frame: Uint8Array, view: DataView, start: number, end: number): PacketFields {
  const { versionAt, capabilityLengthAt, capabilityAt, packetTypeBytes, trailerBytes } = LAYOUT_24;
  const nameEnd = start + capabilityAt + view.getUint16(start + capabilityLengthAt, true);
  const trailerAt = end - trailerBytes;
  return {
    cluster_id: view.getInt32(trailerAt, true),
    machine_id: view.getInt32(trailerAt + 4, true),
    module: decoder.decode(frame.subarray(start + capabilityAt, nameEnd)),
    packet_type: view.getInt32(nameEnd, true),
    version: view.getUint16(start + versionAt, true),
    payload: frame.subarray(nameEnd + packetTypeBytes, trailerAt),
  };
}
