import { DIALECT_22 } from './dialect-22.js';

const { versionAt, nameLengthAt, nameAt, packetTypeBytes, machineIdBytes } = DIALECT_22;
const NONE = Buffer.alloc(0);

/**
 * Gathers frames that lie one right behind the other and differ in nothing but their payload and its length: what is decided
 * for one of them is decided for all. Most packets come from machines that send many of a kind.
 */
export class AlikeFrames {
  private bytes: Buffer = NONE;
  private start = 0;
  private end = 0;
  /** Bytes of the first frame up to its payload. */
  private headBytes = 0;
  private count = 0;

  /** `onFrames` gets `count` whole frames in the memory they arrived in. */
  constructor(private readonly onFrames: (frames: Buffer, count: number) => void) {}

  /** Takes a whole frame (`frame.ts` has checked its length and name length), which lies from `start` to `end`. */
  add(bytes: Buffer, start: number, end: number): void {
    if (bytes === this.bytes && start === this.end && this.isAlike(start, end)) {
      this.end = end;
      this.count++;
      return;
    }
    this.flush();
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.headBytes = nameAt + bytes.readInt32LE(start + nameLengthAt) + packetTypeBytes + machineIdBytes;
    this.count = 1;
  }

  /** Hands on what is gathered. */
  flush(): void {
    const { bytes, count } = this;
    if (count === 0) return;
    this.bytes = NONE;
    this.count = 0;
    this.onFrames(bytes.subarray(this.start, this.end), count);
  }

  /** Whether version, module, packet type and machine id are those of the first frame. */
  private isAlike(start: number, end: number): boolean {
    const { bytes, headBytes } = this;
    // One that is too short for all of it is alike to none.
    if (end - start < headBytes) return false;
    const first = this.start;
    if (bytes[start + versionAt] !== bytes[first + versionAt]) return false;
    if (bytes[start + versionAt + 1] !== bytes[first + versionAt + 1]) return false;
    for (let at = nameLengthAt; at < headBytes; at++) if (bytes[start + at] !== bytes[first + at]) return false;
    return true;
  }
}
