import { readFile } from 'node:fs/promises';
import { messageOf } from '../ground/message-of.js';

/** Polling, because no file event reports a symbolic link that was swapped further up the path. */
const POLL_MS = 500;

interface Handlers {
  /** Uses the new texts, in the order of the paths. @throws Error when they cannot be used */
  apply(texts: readonly string[]): void;
  /** The files cannot be read or used. Called once for each fault. */
  failed(reason: string): void;
}

/**
 * Applies changes of files. It compares texts, so a rename, a swapped link and two changes within the resolution of the file's time
 * all count. Texts are applied after two equal reads: a half-written file, or one of a pair, is not.
 */
export class FileWatcher {
  private lastRead: string | null = null;
  private lastApplied: string | null = null;
  private lastFault: string | null = null;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly paths: readonly string[],
    private readonly handlers: Handlers,
    private readonly read: (path: string) => Promise<string> = (path) => readFile(path, 'utf8'),
  ) {}

  start(): void {
    if (this.stopped || this.paths.length === 0) return;
    this.timer = setTimeout(() => void this.poll().then(() => this.start()), POLL_MS).unref();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Reads and applies the files now: the caller says that they are complete. A fault that was reported before is reported again. */
  async readNow(): Promise<void> {
    this.lastFault = null;
    await this.reporting(async () => this.apply(await this.texts()));
  }

  private async poll(): Promise<void> {
    await this.reporting(async () => {
      const texts = await this.texts();
      this.lastFault = null;
      const read = JSON.stringify(texts);
      const settled = read === this.lastRead;
      this.lastRead = read;
      if (settled && read !== this.lastApplied) this.apply(texts);
    });
  }

  private texts(): Promise<string[]> {
    return Promise.all(this.paths.map((path) => this.read(path)));
  }

  private apply(texts: readonly string[]): void {
    this.lastApplied = JSON.stringify(texts);
    this.handlers.apply(texts);
  }

  private async reporting(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      const reason = messageOf(error);
      if (reason !== this.lastFault) this.handlers.failed(reason);
      this.lastFault = reason;
    }
  }
}
