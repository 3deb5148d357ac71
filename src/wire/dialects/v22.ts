import { hasLaterHeader } from './detect.js';
import type { Dialect, FrameFault, PacketContent, PacketHead, PacketRoute } from './dialect.js';
import { haveEqualBytes, viewOf } from './integers.js';
import { DIALECT_22 } from './layout-22.js';

const { lengthAt, versionAt, nameLengthAt, nameAt, packetTypeBytes, machineIdBytes, minimumLength, maximumLength } =
  DIALECT_22;
/** "P4CK". */
const MARKER = Buffer.from(DIALECT_22.marker, 'latin1');
const MARKER_WORD = MARKER.readInt32LE();

/** The BIN layout of OpenSIPS 2.2 (`layout-22.ts`). */
export const V22: Dialect = { id: '2.2', measure, plainLength, decode, encode, sameOrigin, isAlone: () => false };

function measure(bytes: Buffer, start: number, end: number): number | FrameFault {
  const known = end - start;
  if (known < nameAt) return measurePart(bytes, start, known);
  const length = plainLength(viewOf(bytes), start, end);
  if (length > 0) return length;
  if (bytes.readInt32LE(start) !== MARKER_WORD) return 'bad_marker';
  if (bytes.readUInt16LE(start + lengthAt) < minimumLength) return 'bad_length';
  return hasLaterHeader(bytes, start) ? 'other_dialect' : 'bad_name_length';
}

/** Every whole frame without a fault is plain. */
function plainLength(bytes: DataView, start: number, end: number): number {
  if (start + nameAt > end || bytes.getInt32(start, true) !== MARKER_WORD) return 0;
  const length = bytes.getUint16(start + lengthAt, true);
  const nameLength = bytes.getInt32(start + nameLengthAt, true);
  return length >= minimumLength && nameLength >= 0 && nameLength <= length - nameAt ? length : 0;
}

/** The fault that is visible before the length of the name is known, or 0. */
function measurePart(bytes: Buffer, start: number, known: number): 0 | FrameFault {
  const markerBytes = Math.min(known, MARKER.length);
  for (let i = 0; i < markerBytes; i++) {
    if (bytes[start + i] !== MARKER[i]) return 'bad_marker';
  }
  return known >= lengthAt + 2 && bytes.readUInt16LE(start + lengthAt) < minimumLength ? 'bad_length' : 0;
}

/** Bytes of the module name that are not UTF-8 become U+FFFD. */
function decode(frame: Buffer): PacketHead | 'too_short' {
  const nameEnd = nameAt + frame.readInt32LE(nameLengthAt);
  const machineIdAt = nameEnd + packetTypeBytes;
  const payloadOffset = machineIdAt + machineIdBytes;
  if (payloadOffset > frame.length) return 'too_short';
  return {
    dialect: '2.2',
    clusterId: null,
    module: frame.toString('utf8', nameAt, nameEnd),
    packetType: frame.readInt32LE(nameEnd),
    version: frame.readUInt16LE(versionAt),
    machineId: frame.readInt32LE(machineIdAt),
    destination: null,
    payloadOffset,
    payloadEnd: frame.length,
  };
}

/** Writes zeros into the unused bytes, and the low 16 bits of the version. */
function encode(content: PacketContent, { machineId }: PacketRoute): Buffer | 'too_long' {
  const { module, packetType, version, payload } = content;
  const nameEnd = nameAt + Buffer.byteLength(module);
  const machineIdAt = nameEnd + packetTypeBytes;
  const payloadOffset = machineIdAt + machineIdBytes;
  const length = payloadOffset + payload.length;
  if (length > maximumLength) return 'too_long';
  const frame = Buffer.alloc(length);
  MARKER.copy(frame);
  frame.writeUInt16LE(length, lengthAt);
  frame.writeUInt16LE(version & 0xffff, versionAt);
  frame.writeInt32LE(nameEnd - nameAt, nameLengthAt);
  frame.write(module, nameAt);
  frame.writeInt32LE(packetType, nameEnd);
  frame.writeInt32LE(machineId, machineIdAt);
  frame.set(payload, payloadOffset);
  return frame;
}

function sameOrigin(bytes: DataView, one: number, _oneEnd: number, other: number, otherEnd: number): boolean {
  const nameLength = bytes.getInt32(other + nameLengthAt, true);
  if (nameLength !== bytes.getInt32(one + nameLengthAt, true)) return false;
  const machineIdAt = nameAt + nameLength + packetTypeBytes;
  if (other + machineIdAt + machineIdBytes > otherEnd) return false;
  if (bytes.getInt32(one + machineIdAt, true) !== bytes.getInt32(other + machineIdAt, true)) return false;
  // With its length, the name has a word.
  return haveEqualBytes(bytes, one + nameLengthAt, other + nameLengthAt, nameAt - nameLengthAt + nameLength);
}
