import { arePrintable, detectLater, hasHeader22, hasLaterHeader, isPrintable, mayBe23 } from './detect.js';
import type { Dialect, FrameFault, PacketContent, PacketHead, PacketRoute } from './dialect.js';
import { haveEqualBytes, viewOf } from './integers.js';
import { EXTRA, INTERNAL, LAYOUT_24 } from './layout-24.js';

const { lengthAt, versionAt, capabilityLengthAt, capabilityAt, packetTypeBytes, minimumLength } = LAYOUT_24;
const { trailerBytes, bridgeTrailerBytes, internalHeadBytes, maximumLength, maximumSent } = LAYOUT_24;
const MARKER = Buffer.from(LAYOUT_24.marker, 'latin1').readUInt32LE();
const HEAD_BYTES = 16;

/** In the destination's place, this marks a packet that OpenSIPS 4.0 sent from another cluster. */
export const BRIDGE_MARK = 0xc0000000 | 0;

/** The capabilities that are not a module's. A module cannot send their packets: some of them harm daemons (`cluster/dangers.ts`). */
const RESERVED: readonly string[] = [INTERNAL, EXTRA, 'clusterer'];

/** Whether `encode` rejects this capability. */
export function isReserved(capability: string): boolean {
  return RESERVED.includes(capability);
}

/** Whether a packet came over a bridge. `clusterId` then is the cluster that it goes to. */
export function isBridged(head: PacketHead): boolean {
  return head.destination === BRIDGE_MARK;
}

/** The dialect of OpenSIPS 2.4 to 4.0. */
export const v24: Dialect = { id: '2.4', measure, plainLength, decode, encode, sameOrigin, isAlone };

function measure(bytes: Buffer, start: number, end: number): number | FrameFault {
  const known = end - start;
  if (known < HEAD_BYTES) return faultWithin(bytes, start, known);
  const plain = plainLength(viewOf(bytes), start, end);
  if (plain > 0) return plain;
  if (bytes.readInt32LE(start) !== MARKER) return 'bad_marker';
  const length = bytes.readUInt32LE(start + lengthAt);
  if (length >= minimumLength && length <= maximumLength && hasLaterHeader(bytes, start)) {
    const release = detectLater(bytes, start, end);
    if (release === '2.3') return 'other_dialect';
    return release === 0 ? 0 : length;
  }
  if ((length & 0xffff) < minimumLength) return 'bad_length';
  if (hasHeader22(bytes, start)) return 'other_dialect';
  return length > maximumLength ? 'bad_length' : 'bad_name_length';
}

/** A frame is plain if its capability has four letters or more and cannot be one of 2.3. */
function plainLength(bytes: DataView, start: number, end: number): number {
  if (start + HEAD_BYTES > end || bytes.getInt32(start, true) !== MARKER) return 0;
  // A length with the highest bit is negative here.
  const length = bytes.getInt32(start + lengthAt, true);
  if (length < minimumLength || length > maximumLength) return 0;
  const capabilityLength = bytes.getUint16(start + capabilityLengthAt, true);
  if (capabilityLength < 4 || capabilityLength > length - HEAD_BYTES || mayBe23(capabilityLength)) return 0;
  return arePrintable(bytes.getInt32(start + capabilityAt, true)) ? length : 0;
}

/** The fault that fewer than 16 bytes show, or 0. */
function faultWithin(bytes: Buffer, start: number, known: number): 0 | FrameFault {
  for (let i = 0; i < Math.min(known, 4); i++) {
    if (bytes[start + i] !== ((MARKER >> (8 * i)) & 0xff)) return 'bad_marker';
  }
  if (known < lengthAt + 2 || bytes.readUInt16LE(start + lengthAt) >= minimumLength) return 0;
  return 'bad_length';
}

function decode(frame: Buffer): PacketHead | 'too_short' {
  const typeAt = capabilityAt + frame.readUInt16LE(capabilityLengthAt);
  const bodyAt = typeAt + packetTypeBytes;
  const module = frame.toString('utf8', capabilityAt, typeAt);
  const isInternal = module === INTERNAL;
  const routeAt = isInternal ? bodyAt : frame.length - trailerBytes;
  if (routeAt < bodyAt || (isInternal && frame.length < bodyAt + internalHeadBytes)) return 'too_short';
  const destination = isInternal ? null : frame.readInt32LE(routeAt + 8);
  const payloadEnd = frame.length - (isInternal ? 0 : destination === BRIDGE_MARK ? bridgeTrailerBytes : trailerBytes);
  if (payloadEnd < bodyAt) return 'too_short';
  return {
    dialect: '2.4',
    clusterId: frame.readInt32LE(routeAt),
    module,
    packetType: frame.readInt32LE(typeAt),
    version: frame.readUInt16LE(versionAt),
    machineId: frame.readInt32LE(routeAt + 4),
    destination,
    payloadOffset: isInternal ? bodyAt + internalHeadBytes : bodyAt,
    payloadEnd,
  };
}

/** @throws RangeError also for a capability that is empty, not printable ASCII, or reserved, and for the mark of a bridge as destination */
function encode(content: PacketContent, { clusterId, machineId, destination }: PacketRoute): Buffer | 'too_long' {
  const { module } = content;
  if (isReserved(module)) throw new RangeError(`packets of ${module} are not sent for modules`);
  if (destination === BRIDGE_MARK)
    throw new RangeError(`${destination} marks a packet of a bridge, and is no destination`);
  return assemble(content, [], [clusterId, machineId, destination]);
}

/**
 * Writes a packet with integers before and after its payload. Returns `too_long` above 65,515 bytes.
 * @throws RangeError for a number that does not fit, or a capability that is empty or not printable ASCII
 */
export function assemble(
  { module, packetType, version, payload }: PacketContent,
  before: readonly number[],
  after: readonly number[],
): Buffer | 'too_long' {
  const capability = Buffer.from(module);
  if (capability.length === 0 || !capability.every(isPrintable)) {
    throw new RangeError(`the capability ${JSON.stringify(module)} is not printable ASCII`);
  }
  const length = HEAD_BYTES + capability.length + 4 * (before.length + after.length) + payload.length;
  if (length > maximumSent) return 'too_long';
  const frame = Buffer.alloc(length);
  frame.writeUInt32LE(MARKER);
  frame.writeUInt32LE(length, lengthAt);
  frame.writeUInt16LE(version, versionAt);
  frame.writeUInt16LE(capability.length, capabilityLengthAt);
  frame.set(capability, capabilityAt);
  let at = frame.writeInt32LE(packetType, capabilityAt + capability.length);
  for (const word of before) at = frame.writeInt32LE(word, at);
  frame.set(payload, at);
  at += payload.length;
  for (const word of after) at = frame.writeInt32LE(word, at);
  return frame;
}

function isAlone({ module, destination }: PacketHead): boolean {
  return destination === BRIDGE_MARK || isReserved(module);
}

function sameOrigin(bytes: DataView, one: number, oneEnd: number, other: number, otherEnd: number): boolean {
  const length = bytes.getUint16(other + capabilityLengthAt, true);
  if (length !== bytes.getUint16(one + capabilityLengthAt, true)) return false;
  if (otherEnd - other < HEAD_BYTES + length + trailerBytes) return false;
  return (
    haveEqualBytes(bytes, oneEnd - trailerBytes, otherEnd - trailerBytes, trailerBytes) &&
    haveEqualBytes(bytes, one + capabilityAt, other + capabilityAt, length)
  );
}
