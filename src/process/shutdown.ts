import { printError, standardOutput } from './streams.js';

/** Longest stop; then the process exits anyway. */
const STOP_MS = 9_000;

/** A reader that takes no more than this loses the last lines of the log. */
const OUTPUT_MS = 500;

/** The end of the process: one orderly stop, however often it is requested. */
export class Shutdown {
  private code = 0;
  private begun = false;

  /** An uncaught error begins it, too. */
  constructor(private readonly stop: () => Promise<void>) {
    process.on('uncaughtException', (error: unknown) => this.fail(error));
  }

  begin(): void {
    if (this.begun) return;
    this.begun = true;
    setTimeout(exitLate, STOP_MS);
    this.stop()
      .catch((error: unknown) => {
        printError(error);
        this.code = 1;
      })
      .then(() => standardOutput.written(OUTPUT_MS))
      .finally(() => process.exit(this.code));
  }

  /** Begins it, with an exit code that says so. */
  fail(error: unknown): void {
    this.code = 1;
    printError(error instanceof Error ? (error.stack ?? error.message) : error);
    this.begin();
  }
}

function exitLate(): void {
  printError(`stop timed out after ${STOP_MS} ms; changes that are not yet in the database are lost`);
  process.exit(1);
}
