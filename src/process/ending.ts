import { say } from './streams.js';

/** How long a stop may take before the process ends all the same. */
const STOP_MS = 9_000;

/** The end of the process: one stop, however often and by whatever it is asked for. */
export class Ending {
  private code = 0;
  private begun = false;

  /** An error that nobody catches begins the end, too. */
  constructor(private readonly stop: () => Promise<void>) {
    process.on('uncaughtException', (error: unknown) => this.fail(error));
  }

  begin(): void {
    if (this.begun) return;
    this.begun = true;
    setTimeout(sayTooSlow, STOP_MS);
    this.stop().then(
      () => process.exit(this.code),
      (error) => {
        say(error);
        process.exit(1);
      },
    );
  }

  private fail(error: unknown): void {
    this.code = 1;
    say(error instanceof Error ? (error.stack ?? error.message) : error);
    this.begin();
  }
}

function sayTooSlow(): void {
  say(`the stop took longer than ${STOP_MS} ms; changes that the database has not taken by now are lost`);
  process.exit(1);
}
