import { Deadlines, type Timed } from '../../domain/deadlines.js';
import type { Clock } from '../../ground/ports.js';
import { retryDelayMs } from '../../ground/retry-delay.js';

/** The base of the intervals: 2 s, then twice as long each time, up to 30 s. */
const BASE_MS = 1_000;

class Name implements Timed {
  dueAt = 0;
  slot = -1;
  failures = 1;

  constructor(readonly host: string) {}
}

/** Looks up host names without an address again: one at a time, each at growing intervals. */
export class NameRetries {
  private readonly names = new Map<string, Name>();
  private readonly due = new Deadlines<Name>();
  private cancel: (() => void) | null = null;
  private busy = false;
  private stopped = false;

  constructor(
    private readonly clock: Clock,
    private readonly lookUp: (host: string) => Promise<unknown>,
  ) {}

  /** Returns whether the name is new. */
  add(host: string): boolean {
    if (this.names.has(host)) return false;
    const name = new Name(host);
    this.names.set(host, name);
    this.schedule(name);
    this.arm();
    return true;
  }

  drop(host: string): void {
    const name = this.names.get(host);
    if (name === undefined) return;
    this.names.delete(host);
    this.due.clear(name);
  }

  /** Drops all other names. */
  keepOnly(hosts: ReadonlySet<string>): void {
    for (const host of this.names.keys()) if (!hosts.has(host)) this.drop(host);
    this.arm();
  }

  stop(): void {
    this.stopped = true;
    this.cancel?.();
  }

  private schedule(name: Name): void {
    this.due.set(name, this.clock.now().monotonicMs + retryDelayMs(BASE_MS, name.failures));
  }

  private arm(): void {
    this.cancel?.();
    this.cancel = null;
    const next = this.due.peek();
    if (next === undefined || this.busy || this.stopped) return;
    const delayMs = Math.max(0, next.dueAt - this.clock.now().monotonicMs);
    this.cancel = this.clock.after(delayMs, () => void this.retry(next));
  }

  private async retry(name: Name): Promise<void> {
    this.cancel = null;
    this.busy = true;
    await this.lookUp(name.host);
    this.busy = false;
    // Unless it has an address now, or its last machine is gone.
    if (this.names.get(name.host) === name) {
      name.failures++;
      this.schedule(name);
    }
    this.arm();
  }
}
