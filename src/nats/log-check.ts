import { messageOf } from '../ground/message-of.js';
import type { Log } from '../ground/ports.js';
import { isStreamMissing, type LogStream } from './stream.js';

interface Parts {
  readonly stream: LogStream;
  readonly epoch: string;
  /** Of the newest message that is applied here. */
  readonly position: () => number;
  readonly lost: () => void;
  readonly log: Log;
}

/** After an interruption NATS may have lost what it had, and then nothing here is in the log. */
export class LogCheck {
  private isDue = false;

  constructor(private readonly parts: Parts) {}

  /** The connection was interrupted. */
  interrupted(): void {
    this.isDue = true;
  }

  /** Does nothing unless an interruption was not followed by a check. */
  async run(): Promise<void> {
    if (!this.isDue) return;
    const { stream, log } = this.parts;
    // Messages that are stored after the answer may come before it.
    const position = this.parts.position();
    try {
      const { epoch, lastSeq } = await stream.state();
      this.isDue = false;
      if (epoch !== this.parts.epoch || lastSeq < position) this.parts.lost();
    } catch (error) {
      if (isStreamMissing(error)) this.parts.lost();
      else log.debug({ err: messageOf(error) }, 'log not checked yet');
    }
  }
}
