import { styleText } from 'node:util';
import type { Command } from 'commander';
import { oneLine } from '../text/one-line.js';
import type { Paint } from '../text/text-table.js';
import type { Host, Stream } from './host.js';

const STATE_COLOURS: Readonly<Record<string, 'green' | 'yellow' | 'red'>> = {
  up: 'green',
  temp_disabled: 'yellow',
  down: 'red',
};

/** Standard output: tables and lines for people, or JSON for programs. */
export class Output {
  /** Resolves when the reader has closed the pipe, as `head` does. Later writes are dropped. */
  readonly gone: Promise<void>;
  private open = true;

  constructor(
    private readonly stream: Stream,
    readonly json: boolean,
  ) {
    this.gone = new Promise((resolve) => {
      // Other errors are reported by the write that fails.
      stream.on('error', (error) => {
        if (!readerHasGone(error)) return;
        this.open = false;
        resolve();
      });
    });
  }

  /** Prints the one answer of a command: as JSON, or as `text` for people. */
  answer(document: unknown, text: () => string): Promise<void> {
    return this.write(this.json ? `${JSON.stringify(document, null, 2)}\n` : text());
  }

  /** Prints one event as a line: JSON, or the time and `text` for people. */
  event(document: unknown, text: () => string, at = new Date()): Promise<void> {
    return this.write(this.json ? `${JSON.stringify(document)}\n` : `${timeOf(at)}  ${oneLine(text())}\n`);
  }

  /** Colours the state column on terminals with colours, unless NO_COLOR is set. */
  readonly paint: Paint = (cell, title) => {
    const colour = title === 'STATE' && this.coloured ? STATE_COLOURS[cell] : undefined;
    return colour === undefined ? cell : styleText(colour, cell, { validateStream: false });
  };

  private get coloured(): boolean {
    return !process.env.NO_COLOR && this.stream.isTTY === true && this.stream.hasColors?.() === true;
  }

  /** Resolves after the write, so that a caller that waits never runs ahead of the reader. */
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

/** The output of a command, in the format that `--json` selects. */
export function outputOf(command: Command, { stdout }: Host): Output {
  return new Output(stdout, command.optsWithGlobals<{ json?: boolean }>().json === true);
}

/** Whether a write failed because the reader has closed the pipe or socket. */
export function readerHasGone(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
}

/** Local time of day with milliseconds. */
function timeOf(at: Date): string {
  return `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}
