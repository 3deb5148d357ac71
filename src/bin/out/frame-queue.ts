import type { SendError } from '../../service/ports.js';

/** A frame on its way to one machine. */
export interface OutgoingFrame {
  readonly bytes: Buffer;
  /** The address that was known for the machine's host when the frame was sent. */
  readonly ip: string | null;
  /** The engine's token, handed back with the outcome. */
  readonly attempt: number;
  readonly done: (error: SendError | null) => void;
  /** It was waiting when a connection broke, and may not outlive another one. */
  movedOn: boolean;
  /** The frame behind it. Written by the queue only. */
  next: OutgoingFrame | null;
}

/** First in, first out: a list that its frames are linked into. Invariant: `bytes` is the sum over its frames. */
export class FrameQueue {
  private first: OutgoingFrame | null = null;
  private last: OutgoingFrame | null = null;
  private waitingBytes = 0;

  get bytes(): number {
    return this.waitingBytes;
  }

  peek(): OutgoingFrame | null {
    return this.first;
  }

  push(frame: OutgoingFrame): void {
    if (this.last === null) this.first = frame;
    else this.last.next = frame;
    this.last = frame;
    this.waitingBytes += frame.bytes.length;
  }

  shift(): OutgoingFrame | null {
    const frame = this.first;
    if (frame === null) return null;
    this.first = frame.next;
    if (this.first === null) this.last = null;
    frame.next = null;
    this.waitingBytes -= frame.bytes.length;
    return frame;
  }

  /** Empties the queue and hands over what was in it. */
  takeAll(): OutgoingFrame[] {
    const frames: OutgoingFrame[] = [];
    for (let frame = this.shift(); frame !== null; frame = this.shift()) frames.push(frame);
    return frames;
  }
}
