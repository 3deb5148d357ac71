import type { SendError } from '../../service/ports/sender.js';

/** A frame to one machine. */
export interface OutgoingFrame {
  readonly bytes: Buffer;
  /** The known address of the machine's host at the time of the send. */
  readonly ip: string | null;
  /** The engine's token for this attempt, which is returned with the outcome. */
  readonly attempt: number;
  readonly done: (error: SendError | null) => void;
  /** It has moved to a new connection once already, and does not move again. */
  retried: boolean;
  /** The frame after it. Only the queue writes this. */
  next: OutgoingFrame | null;
}

/** First in, first out; a linked list. Invariant: `bytes` is the sum over its frames. */
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

  /** Empties the queue. Returns its frames. */
  takeAll(): OutgoingFrame[] {
    const frames: OutgoingFrame[] = [];
    for (let frame = this.shift(); frame !== null; frame = this.shift()) frames.push(frame);
    return frames;
  }
}
