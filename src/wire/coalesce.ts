import { DIALECT_22 } from './dialect-22.js';

const { lengthAt, versionAt, nameLengthAt, nameAt, packetTypeBytes, machineIdBytes } = DIALECT_22;
const WORD = 4;

/** Consecutive frames that differ only in their payload and its length. */
export interface SameHeaderRun {
  readonly count: number;
  /** Where the last frame of the run ends. */
  readonly end: number;
}

/**
 * Returns the run of frames with the same header that begins at `start`: what is decided for the first holds for all of them, and most
 * packets come from machines that send many of one kind. The first frame is whole and ends at `firstEnd` (`frame.ts` has measured it).
 * Only whole frames that end at or before `limit` are included. Compares words: byte by byte, this would be most of the work for a packet.
 */
export function coalesceFrames(bytes: DataView, start: number, firstEnd: number, limit: number): SameHeaderRun {
  const headBytes = nameAt + bytes.getInt32(start + nameLengthAt, true) + packetTypeBytes + machineIdBytes;
  let end = firstEnd;
  let count = 1;
  // A frame without a whole header is a run of its own.
  if (firstEnd - start < headBytes) return { count, end };
  while (end + headBytes <= limit && haveSameHeader(bytes, start, end, headBytes)) {
    const length = bytes.getUint16(end + lengthAt, true);
    if (length < headBytes || end + length > limit) break;
    end += length;
    count++;
  }
  return { count, end };
}

/** Compares marker, version, module, packet type and machine id. The last word may overlap the one before it. */
function haveSameHeader(bytes: DataView, one: number, other: number, headBytes: number): boolean {
  if (bytes.getUint32(one) !== bytes.getUint32(other)) return false;
  if (bytes.getUint16(one + versionAt) !== bytes.getUint16(other + versionAt)) return false;
  const lastWord = headBytes - WORD;
  for (let at = nameLengthAt; at < lastWord; at += WORD) {
    if (bytes.getUint32(one + at) !== bytes.getUint32(other + at)) return false;
  }
  return bytes.getUint32(one + lastWord) === bytes.getUint32(other + lastWord);
}
