import type { SendError } from '../service/ports.js';

/** A frame on its way to one machine. */
export interface OutgoingFrame {
  readonly bytes: Buffer;
  /** The engine's token, handed back with the outcome. */
  readonly attempt: number;
  readonly done: (error: SendError | null) => void;
  /** It was waiting when a connection broke, and may not outlive another one. */
  movedOn: boolean;
}

/** First in, first out, in constant time at any length (an array's `shift` is not). Invariant: `bytes` is the sum over its frames. */
export class FrameQueue {
  private frames: OutgoingFrame[] = [];
  /** Where the first frame is; what is before it has left. */
  private first = 0;
  private waitingBytes = 0;

  get bytes(): number {
    return this.waitingBytes;
  }

  peek(): OutgoingFrame | undefined {
    return this.frames[this.first];
  }

  push(frame: OutgoingFrame): void {
    this.frames.push(frame);
    this.waitingBytes += frame.bytes.length;
  }

  shift(): OutgoingFrame | undefined {
    const frame = this.frames[this.first];
    if (frame === undefined) return undefined;
    this.first++;
    this.waitingBytes -= frame.bytes.length;
    if (this.first * 2 > this.frames.length) {
      this.frames = this.frames.slice(this.first);
      this.first = 0;
    }
    return frame;
  }

  /** Empties the queue and hands over what was in it. */
  takeAll(): OutgoingFrame[] {
    const frames = this.frames.slice(this.first);
    this.frames = [];
    this.first = 0;
    this.waitingBytes = 0;
    return frames;
  }
}
