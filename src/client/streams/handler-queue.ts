/** Above this much it is better not to read on, in bytes; above the other nothing more is taken. */
const FULL_BYTES = 4 * 2 ** 20;
const OVERFULL_BYTES = 2 * FULL_BYTES;

/** What an event costs beside its own bytes. An estimate for bounds, not a measurement. */
const EVENT_BYTES = 200;

/** How long handlers that never wait may keep the event loop, in milliseconds. */
const TURN_MS = 20;

interface Job {
  readonly bytes: number;
  run(): unknown;
}

export interface QueueEvents {
  /** A handler has failed. */
  failed(error: unknown): void;
  /** `full` has changed. */
  filled(): void;
}

/** Calls handlers one after another, each when the one before has ended, in the order of their events. */
export class HandlerQueue {
  /** Whether so much waits that nothing more should be read; false again when half of it is gone. */
  full = false;
  private waiting: Job[] = [];
  private bytes = 0;
  private running: Promise<void> | null = null;
  private state: 'closed' | 'open' | 'stopped' = 'closed';

  constructor(private readonly events: QueueEvents) {}

  /** Whether nothing more may wait, since what was not to be read came all the same. */
  get overfull(): boolean {
    return this.bytes >= OVERFULL_BYTES;
  }

  push(bytes: number, run: () => unknown): void {
    if (this.state === 'stopped') return;
    const job = { bytes: bytes + EVENT_BYTES, run };
    this.waiting.push(job);
    this.bytes += job.bytes;
    if (!this.full && this.bytes >= FULL_BYTES) {
      this.full = true;
      this.events.filled();
    }
    this.runOn();
  }

  /** Handlers are called from now on. */
  open(): void {
    if (this.state !== 'closed') return;
    this.state = 'open';
    this.runOn();
  }

  /** No further handler is called. Resolves when the one that runs has ended. */
  async stop(): Promise<void> {
    this.state = 'stopped';
    this.waiting = [];
    this.full = false;
    await this.running;
  }

  private runOn(): void {
    if (this.state !== 'open' || this.running !== null || this.waiting.length === 0) return;
    this.running = this.run().then(() => {
      this.running = null;
      this.runOn();
    });
  }

  private async run(): Promise<void> {
    let turnEnds = performance.now() + TURN_MS;
    while (this.waiting.length > 0) {
      const jobs = this.waiting;
      this.waiting = [];
      for (const job of jobs) {
        if (this.state === 'stopped') break;
        try {
          await job.run();
        } catch (error) {
          this.events.failed(error);
        }
        this.ended(job);
        if (performance.now() < turnEnds) continue;
        await new Promise((resolve) => setTimeout(resolve));
        turnEnds = performance.now() + TURN_MS;
      }
    }
  }

  private ended({ bytes }: Job): void {
    this.bytes -= bytes;
    if (!this.full || this.bytes > FULL_BYTES / 2) return;
    this.full = false;
    this.events.filled();
  }
}
