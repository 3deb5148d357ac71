import type { Address } from './address.js';
import { DIALECT_22 } from './dialect-22.js';

/** One BIN packet. Decoded are the fields that every packet of a cluster has. */
export interface Packet {
  readonly module: string;
  readonly packetType: number;
  /** Low 16 bits of the version field. */
  readonly version: number;
  /** The sender's machine id: the first field of the body. */
  readonly machineId: number;
  /** The whole packet as it was received. Shared by all readers, so it must not be changed. */
  readonly frame: Buffer;
  /** Where the module's payload starts in `frame`: directly after the machine id. */
  readonly payloadOffset: number;
}

/**
 * A received packet with its source, or a run of packets with the same header (`coalesce.ts`).
 * The next read may overwrite `frame`: copy it to keep it.
 */
export interface ReceivedPacket extends Packet {
  /** How many packets `frame` contains, one directly after the other. `payloadOffset` is that of the first. */
  readonly count: number;
  readonly protocol: string;
  readonly source: Address;
}

/** The parts of a packet to send. `packetType` and `machineId` are signed 32-bit integers. */
export interface PacketParts {
  readonly module: string;
  readonly packetType: number;
  /** Only the low 16 bits are written. */
  readonly version: number;
  readonly machineId: number;
  /** What follows the machine id. */
  readonly payload: Uint8Array;
}

const { lengthAt, versionAt, nameLengthAt, nameAt, packetTypeBytes, machineIdBytes, maximumLength } = DIALECT_22;

/**
 * Reads a whole frame (`frame.ts` has checked its length and name length). Returns `too_short` when it ends before the machine id does.
 * Bytes of the module name that are not UTF-8 become U+FFFD.
 */
export function decodePacket(frame: Buffer): Packet | 'too_short' {
  const nameEnd = nameAt + frame.readInt32LE(nameLengthAt);
  const machineIdAt = nameEnd + packetTypeBytes;
  const payloadOffset = machineIdAt + machineIdBytes;
  if (payloadOffset > frame.length) return 'too_short';
  return {
    module: frame.toString('utf8', nameAt, nameEnd),
    packetType: frame.readInt32LE(nameEnd),
    version: frame.readUInt16LE(versionAt),
    machineId: frame.readInt32LE(machineIdAt),
    frame,
    payloadOffset,
  };
}

/**
 * Writes a frame of dialect 2.2, unused bytes zero. Returns `too_long` when it would need more than 65,535 bytes.
 * @throws RangeError for a packet type or machine id that is not a signed 32-bit integer
 */
export function encodePacket(parts: PacketParts): Buffer | 'too_long' {
  const nameEnd = nameAt + Buffer.byteLength(parts.module);
  const machineIdAt = nameEnd + packetTypeBytes;
  const payloadOffset = machineIdAt + machineIdBytes;
  const length = payloadOffset + parts.payload.length;
  if (length > maximumLength) return 'too_long';
  const frame = Buffer.alloc(length);
  frame.write(DIALECT_22.marker, 'latin1');
  frame.writeUInt16LE(length, lengthAt);
  frame.writeUInt16LE(parts.version & 0xffff, versionAt);
  frame.writeInt32LE(nameEnd - nameAt, nameLengthAt);
  frame.write(parts.module, nameAt);
  frame.writeInt32LE(parts.packetType, nameEnd);
  frame.writeInt32LE(parts.machineId, machineIdAt);
  frame.set(parts.payload, payloadOffset);
  return frame;
}
