import { closeSync, openSync, write, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

const STDOUT = 1;

/** The standard streams that were terminals at the start: a terminal that has gone is not one any more. */
const TERMINALS: readonly number[] = [0, 1, 2].filter(isatty);

export const hasTerminal = TERMINALS.length > 0;
export const logsToTerminal = TERMINALS.includes(STDOUT);

/** How long to wait for a reader that takes nothing at the moment. */
const BUSY_MS = 100;

/** A closed standard stream, a full disk or a terminal that has gone costs what would be written there, and nothing else. Call it first. */
export function outliveStreams(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  process.on('exit', leaveTerminals);
}

/** Node 20 crashes at its end when it cannot set back a terminal that has gone. */
function leaveTerminals(): void {
  for (const fd of TERMINALS) {
    if (isatty(fd)) continue;
    closeSync(fd);
    // Takes the number that was just closed.
    openSync('/dev/null', 'r+');
  }
}

/** A line on standard error. */
export function say(message: unknown): void {
  process.stderr.write(`clusterer: ${message}\n`);
}

/** How many characters may wait for a reader that takes nothing; lines after them are lost. */
const MOST_WAITING = 2 ** 24;

/**
 * Standard output, one write after another, so that a slow reader does not stop the event loop. What cannot be written is lost;
 * the next line is tried again. What waits at the end of the process is written then.
 */
export class StandardOutput {
  private waiting = '';
  private writing = false;

  constructor() {
    process.on('exit', () => {
      try {
        writeSync(STDOUT, this.waiting);
      } catch {
        // Nobody is left to hear of it.
      }
    });
  }

  write(text: string): void {
    if (this.waiting.length < MOST_WAITING) this.waiting += text;
    if (!this.writing) this.writeNext();
  }

  private writeNext(): void {
    this.writing = this.waiting !== '';
    if (!this.writing) return;
    const bytes = Buffer.from(this.waiting);
    this.waiting = '';
    this.writeAll(bytes);
  }

  private writeAll(bytes: Buffer): void {
    write(STDOUT, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.writeAll(bytes), BUSY_MS).unref();
      else if (error !== null || written === bytes.length) this.writeNext();
      else this.writeAll(bytes.subarray(written));
    });
  }
}
