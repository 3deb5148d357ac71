/**
 * The layout of a message of the log: this byte, the incarnation of the publisher (8 bytes), its number `n` (48 bits, big-endian),
 * and the parts: each a length (32 bits, big-endian) and its bytes.
 */
const VERSION = 1;
export const INCARNATION_BYTES = 8;
const N_AT = 1 + INCARNATION_BYTES;
export const HEAD_BYTES = N_AT + 6;
export const PART_HEAD_BYTES = 4;

export interface LogMessage {
  /** Of the process that published it, in base64url. */
  readonly incarnation: string;
  /** 1, 2, 3 … in each incarnation. */
  readonly n: number;
  readonly parts: Buffer[];
}

/** @param bytes the sum of the lengths of the parts */
export function encodeMessage(incarnation: Buffer, n: number, parts: readonly Buffer[], bytes: number): Buffer {
  const message = Buffer.allocUnsafe(HEAD_BYTES + parts.length * PART_HEAD_BYTES + bytes);
  message.writeUInt8(VERSION, 0);
  incarnation.copy(message, 1);
  message.writeUIntBE(n, N_AT, 6);
  let at = HEAD_BYTES;
  for (const part of parts) {
    message.writeUInt32BE(part.length, at);
    at += PART_HEAD_BYTES + part.copy(message, at + PART_HEAD_BYTES);
  }
  return message;
}

/** The parts are views of `bytes`. @throws RangeError for another version, which a newer release wrote, and for bytes that are not a message */
export function decodeMessage(bytes: Buffer): LogMessage {
  const version = bytes.readUInt8(0);
  if (version !== VERSION) throw new RangeError(`A log message has version ${version}; this release reads ${VERSION}.`);
  const parts: Buffer[] = [];
  for (let at = HEAD_BYTES; at < bytes.length; ) {
    const start = at + PART_HEAD_BYTES;
    const end = start + bytes.readUInt32BE(at);
    if (end > bytes.length) throw new RangeError('A log message ends inside a part.');
    parts.push(bytes.subarray(start, end));
    at = end;
  }
  return { incarnation: bytes.toString('base64url', 1, N_AT), n: bytes.readUIntBE(N_AT, 6), parts };
}
