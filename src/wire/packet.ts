import type { Address } from './address.js';
import { DIALECT_22 } from './dialect-22.js';

/** One BIN packet, decoded as far as every clusterer packet goes. */
export interface Packet {
  readonly module: string;
  readonly packetType: number;
  /** Low 16 bits of the version field. */
  readonly version: number;
  /** The sender's machine id: the first field of the body. */
  readonly machineId: number;
  /** The whole packet as it stood on the stream; shared by all readers, none of whom writes to it. */
  readonly frame: Buffer;
  /** Where in `frame` the module's own payload starts: right behind the machine id. */
  readonly payloadOffset: number;
}

/**
 * A packet with where it came from, or several that came together and are alike in all but their payloads (`alike.ts`). What arrives next
 * may overwrite `frame`: who keeps it copies it.
 */
export interface ReceivedPacket extends Packet {
  /** How many packets `frame` holds, one right behind the other; `payloadOffset` is that of the first. */
  readonly count: number;
  readonly protocol: string;
  readonly source: Address;
}

/** What a packet to send is made of. `packetType` and `machineId` are signed 32-bit integers. */
export interface PacketParts {
  readonly module: string;
  readonly packetType: number;
  /** Its low 16 bits are written. */
  readonly version: number;
  readonly machineId: number;
  /** What follows the machine id. */
  readonly payload: Uint8Array;
}

const { lengthAt, versionAt, nameLengthAt, nameAt, packetTypeBytes, machineIdBytes, maximumLength } = DIALECT_22;

/**
 * Reads a whole frame (`frame.ts` has checked its length and name length). `too_short`: it ends before the machine id does.
 * Bytes of the module name that are no UTF-8 become U+FFFD.
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
 * Writes a frame of the 2.2 dialect, unused bytes zero. `too_long`: it would not fit into 65,535 bytes.
 * Throws a RangeError for a packet type or machine id that is no signed 32-bit integer.
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
