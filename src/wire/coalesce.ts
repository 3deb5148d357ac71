import { DIALECT_22 } from './dialect-22.js';

const { lengthAt, versionAt, nameLengthAt, nameAt, packetTypeBytes, machineIdBytes } = DIALECT_22;
const WORD = 4;

/** Frames that lie one right behind the other and differ in nothing but their payload and its length. */
export interface SameHeaderRun {
  readonly count: number;
  /** Where the last of them ends. */
  readonly end: number;
}

/**
 * The frames from `start` on that are alike: what is decided for the first is decided for all. Most packets come from machines
 * that send many of a kind. The first is whole and ends at `firstEnd` (`frame.ts` has measured it); only whole ones that end at
 * `limit` or before are taken in. A byte at a time this would be most of the work for a packet, so it reads words.
 */
export function coalesceFrames(bytes: DataView, start: number, firstEnd: number, limit: number): SameHeaderRun {
  const headBytes = nameAt + bytes.getInt32(start + nameLengthAt, true) + packetTypeBytes + machineIdBytes;
  let end = firstEnd;
  let count = 1;
  // One that is too short for all of its head is alike to none.
  if (firstEnd - start < headBytes) return { count, end };
  while (end + headBytes <= limit && haveSameHeader(bytes, start, end, headBytes)) {
    const length = bytes.getUint16(end + lengthAt, true);
    if (length < headBytes || end + length > limit) break;
    end += length;
    count++;
  }
  return { count, end };
}

/** Whether marker, version, module, packet type and machine id are the same; the last word may overlap the one before. */
function haveSameHeader(bytes: DataView, one: number, other: number, headBytes: number): boolean {
  if (bytes.getUint32(one) !== bytes.getUint32(other)) return false;
  if (bytes.getUint16(one + versionAt) !== bytes.getUint16(other + versionAt)) return false;
  const lastWord = headBytes - WORD;
  for (let at = nameLengthAt; at < lastWord; at += WORD) {
    if (bytes.getUint32(one + at) !== bytes.getUint32(other + at)) return false;
  }
  return bytes.getUint32(one + lastWord) === bytes.getUint32(other + lastWord);
}
