import type { FrameFault } from './dialect.js';
import type { DialectId } from './dialect-id.js';
import { LAYOUT_24 } from './layout-24.js';

const { lengthAt, capabilityLengthAt, capabilityAt, minimumLength } = LAYOUT_24;
const MARKER = Buffer.from(LAYOUT_24.marker, 'latin1');

/** Bytes besides the capability or name, in the later header and in that of 2.2. */
const FIXED_BYTES = 16;

/** The capabilities of OpenSIPS 2.3. No later release has one of these names. */
const CAPABILITIES_23 = ['clusterer', 'ul', 'dialog', 'ratelimit', 'drouting', 'load_balancer'].map((name) =>
  Buffer.from(name),
);

/** One bit for each of their lengths, because nearly every packet is tested for them, and few have such a length. */
const LENGTHS_23 = CAPABILITIES_23.reduce((bits, name) => bits | (1 << name.length), 0);

/** What a packet can be of. 2.3 has the header of 2.4 but other messages; it is not supported. */
export type Detected = DialectId | '2.3';

/** The most bytes that a detection needs. None needs more than its packet has. */
export const DETECTION_BYTES = capabilityAt + Math.max(...CAPABILITIES_23.map((name) => name.length));

/**
 * Tells which OpenSIPS made the packet at `start`, from the bytes before `end`. 16 of them suffice, except for a capability that looks like
 * one of 2.3, which must be there whole. Returns 0 while there are too few, or the fault as soon as one is visible.
 */
export function detect(bytes: Buffer, start: number, end: number): Detected | FrameFault | 0 {
  const known = end - start;
  if (!startsLike(MARKER, bytes, start, end)) return 'bad_marker';
  if (known < lengthAt + 2) return 0;
  // 2.2 uses only these 16 bits; the others may contain garbage.
  if (bytes.readUInt16LE(start + lengthAt) < minimumLength) return 'bad_length';
  if (known < FIXED_BYTES) return 0;
  if (!hasLaterHeader(bytes, start)) return hasHeader22(bytes, start) ? '2.2' : 'bad_name_length';
  return detectLater(bytes, start, end);
}

/** Tells 2.3 from 2.4 and later, of a packet with a later header. Returns 0 while there are too few bytes. */
export function detectLater(bytes: Buffer, start: number, end: number): '2.3' | '2.4' | 0 {
  const length = bytes.readUInt16LE(start + capabilityLengthAt);
  if (!mayBe23(length)) return '2.4';
  for (const name of CAPABILITIES_23) {
    if (name.length !== length || !startsLike(name, bytes, start + capabilityAt, end)) continue;
    return end - start < capabilityAt + length ? 0 : '2.3';
  }
  return '2.4';
}

/** Whether a capability of this length can be one of 2.3. */
export function mayBe23(length: number): boolean {
  return length <= 31 && (LENGTHS_23 & (1 << length)) !== 0;
}

/**
 * Whether 16 bytes are the header of 2.3 or later: its capability fits into the packet and begins with letters.
 * In 2.2 these letters are the length of the name, which is so large in no packet.
 */
export function hasLaterHeader(bytes: Buffer, start: number): boolean {
  const length = bytes.readUInt16LE(start + capabilityLengthAt);
  if (length < 1 || length > bytes.readUInt32LE(start + lengthAt) - FIXED_BYTES) return false;
  const first = start + capabilityAt;
  const end = first + Math.min(length, FIXED_BYTES - capabilityAt);
  for (let at = first; at < end; at++) {
    if (!isPrintable(bytes[at] as number)) return false;
  }
  return true;
}

/** Whether 16 bytes are the header of 2.2: the name, whose length is at byte 12, fits into the packet. */
export function hasHeader22(bytes: Buffer, start: number): boolean {
  const nameLength = bytes.readInt32LE(start + capabilityAt);
  return nameLength >= 0 && FIXED_BYTES + nameLength <= bytes.readUInt16LE(start + lengthAt);
}

const LOOKS_LIKE: Readonly<Record<Detected, string>> = {
  '2.2': 'OpenSIPS 2.2',
  '2.3': 'OpenSIPS 2.3',
  '2.4': 'OpenSIPS 2.4 or later',
};

/** Names the releases whose packets look like this, for people. */
export function releaseOf(detected: Detected): string {
  return LOOKS_LIKE[detected];
}

/** Whether the bytes before `end` are `expected`, as far as they are known. */
function startsLike(expected: Buffer, bytes: Buffer, start: number, end: number): boolean {
  const known = Math.min(expected.length, end - start);
  for (let i = 0; i < known; i++) {
    if (bytes[start + i] !== expected[i]) return false;
  }
  return true;
}

/** Whether a byte is an ASCII letter, digit or sign, but not a blank. */
export function isPrintable(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f;
}

/** Whether the four bytes of a word all are: each is below 0x80, and stays so with 1 added and with 0x21 subtracted. */
export function arePrintable(word: number): boolean {
  return ((word | (word + 0x01010101) | (word - 0x21212121)) & 0x80808080) === 0;
}
