import { closeSync, openSync, write, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

const STDOUT = 1;

/** The standard streams that were terminals at the start. After a terminal is gone, `isatty` is false. */
const TERMINALS: readonly number[] = [0, 1, 2].filter(isatty);

export const hasTerminal = TERMINALS.length > 0;
export const logsToTerminal = TERMINALS.includes(STDOUT);

/** Delay before the next write to a reader whose pipe is full. */
const RETRY_MS = 100;

/** Keeps the process running when a standard stream is closed, its disk is full or its terminal is gone; only the output is lost. Call it first. */
export function outliveStreams(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  process.on('exit', leaveTerminals);
  standardOutput.flushAtExit();
}

/** Node 20 crashes at exit if it cannot reset a terminal that is gone. */
function leaveTerminals(): void {
  for (const fd of TERMINALS) {
    if (isatty(fd)) continue;
    closeSync(fd);
    // Gets the descriptor number that was just closed.
    openSync('/dev/null', 'r+');
  }
}

/** A line on standard error. */
export function printError(message: unknown): void {
  process.stderr.write(`clusterer: ${message}\n`);
}

/** Characters that may wait for a slow reader; further lines are lost. */
const MAX_PENDING = 2 ** 24;

/**
 * Standard output, with one asynchronous write at a time, so that a slow reader does not block the event loop. A failed write is lost;
 * the next line is tried again. Pending text is written when the process exits.
 */
class StandardOutput {
  private pending = '';
  private writing = false;
  private onWritten: () => void = () => {};

  /** Resolves when everything is written, or after `ms` milliseconds. An exit before it would cut a line that is being written. */
  written(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (!this.writing) return resolve();
      this.onWritten = resolve;
      setTimeout(resolve, ms);
    });
  }

  /** Writes what is pending when the process exits. */
  flushAtExit(): void {
    process.on('exit', () => {
      try {
        writeSync(STDOUT, this.pending);
      } catch {
        // There is no one left to notify.
      }
    });
  }

  write(text: string): void {
    if (this.pending.length < MAX_PENDING) this.pending += text;
    if (!this.writing) this.writeNext();
  }

  private writeNext(): void {
    this.writing = this.pending !== '';
    if (!this.writing) {
      this.onWritten();
      return;
    }
    const bytes = Buffer.from(this.pending);
    this.pending = '';
    this.writeAll(bytes);
  }

  private writeAll(bytes: Buffer): void {
    write(STDOUT, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.writeAll(bytes), RETRY_MS).unref();
      else if (error !== null || written === bytes.length) this.writeNext();
      else this.writeAll(bytes.subarray(written));
    });
  }
}

/** The only writer of standard output in the service. */
export const standardOutput = new StandardOutput();
