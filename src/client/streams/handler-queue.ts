/** Limits in bytes: at the first the client should stop reading, at the second the queue takes no more. */
const FULL_BYTES = 4 * 2 ** 20;
const OVERFULL_BYTES = 2 * FULL_BYTES;

/** What an event costs besides its own bytes. An estimate for bounds, not a measurement. */
const EVENT_BYTES = 200;

/** How long handlers that never wait may block the event loop, in milliseconds. */
const SLICE_MS = 20;

interface Job {
  readonly bytes: number;
  run(): unknown;
}

export interface QueueEvents {
  /** A handler threw or rejected. */
  failed(error: unknown): void;
  /** `full` has changed. */
  fullChanged(): void;
}

/** Calls handlers one at a time, in the order of their events. */
export class HandlerQueue {
  /** Whether the client should stop reading; false again once half of the limit is done. */
  full = false;
  private waiting: Job[] = [];
  private bytes = 0;
  private running: Promise<void> | null = null;
  private state: 'closed' | 'open' | 'stopped' = 'closed';

  constructor(private readonly events: QueueEvents) {}

  /** Whether the queue takes no more, because events came although it was full. */
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
      this.events.fullChanged();
    }
    this.runWaiting();
  }

  /** Starts calling handlers. */
  open(): void {
    if (this.state !== 'closed') return;
    this.state = 'open';
    this.runWaiting();
  }

  /** Calls no further handler. Resolves when the one that runs has ended. */
  async stop(): Promise<void> {
    this.state = 'stopped';
    this.waiting = [];
    this.full = false;
    await this.running;
  }

  private runWaiting(): void {
    if (this.state !== 'open' || this.running !== null || this.waiting.length === 0) return;
    this.running = this.run().then(() => {
      this.running = null;
      this.runWaiting();
    });
  }

  private async run(): Promise<void> {
    let sliceEnds = performance.now() + SLICE_MS;
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
        if (performance.now() < sliceEnds) continue;
        await new Promise((resolve) => setTimeout(resolve));
        sliceEnds = performance.now() + SLICE_MS;
      }
    }
  }

  private ended({ bytes }: Job): void {
    this.bytes -= bytes;
    if (!this.full || this.bytes > FULL_BYTES / 2) return;
    this.full = false;
    this.events.fullChanged();
  }
}
