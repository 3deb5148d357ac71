import { styleText } from 'node:util';
import { oneLine } from '../text/one-line.js';
import type { Paint } from '../text/text-table.js';

/** What is used of standard output. */
export interface Stream {
  readonly isTTY?: boolean;
  hasColors?(): boolean;
  write(text: string, done: (error?: Error | null) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

const STATE_COLOURS: Readonly<Record<string, 'green' | 'yellow' | 'red'>> = {
  up: 'green',
  temp_disabled: 'yellow',
  down: 'red',
};

/** Standard output: tables and lines for a person, or JSON for a program. */
export class Output {
  /** Resolves when whoever read it has gone, as `head` does; all that is written then is dropped. */
  readonly gone: Promise<void>;
  private open = true;

  constructor(
    private readonly stream: Stream,
    /** Whether a program reads it. */
    readonly json: boolean,
  ) {
    this.gone = new Promise((resolve) => {
      // What else can go wrong is told to whoever writes.
      stream.on('error', (error) => {
        if (!readerHasGone(error)) return;
        this.open = false;
        resolve();
      });
    });
  }

  /** One answer: a JSON document, or what a person is shown in its place. */
  answer(document: unknown, shown: () => string): Promise<void> {
    return this.write(this.json ? `${JSON.stringify(document, null, 2)}\n` : shown());
  }

  /** One of many: a line of JSON, or a line for a person that is dressed with the time. */
  event(document: unknown, shown: () => string, at = new Date()): Promise<void> {
    return this.write(this.json ? `${JSON.stringify(document)}\n` : `${timeOf(at)}  ${oneLine(shown())}\n`);
  }

  /** Colours the states of a table, on terminals that have colours and while NO_COLOR does not forbid it. */
  readonly paint: Paint = (cell, title) => {
    const colour = title === 'STATE' && this.coloured ? STATE_COLOURS[cell] : undefined;
    return colour === undefined ? cell : styleText(colour, cell, { validateStream: false });
  };

  private get coloured(): boolean {
    return !process.env.NO_COLOR && this.stream.isTTY === true && this.stream.hasColors?.() === true;
  }

  /** Resolves when it is written: whoever waits for it is never ahead of its reader. */
  private async write(text: string): Promise<void> {
    if (!this.open) return;
    await new Promise<void>((resolve, reject) => {
      this.stream.write(text, (error) => {
        if (error && !readerHasGone(error)) reject(error);
        else resolve();
      });
    });
  }
}

/** Whether this is what a write to a pipe or socket fails with that nobody reads any more. */
export function readerHasGone(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
}

/** As the clock on the wall says it, with milliseconds. */
function timeOf(at: Date): string {
  return `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}
