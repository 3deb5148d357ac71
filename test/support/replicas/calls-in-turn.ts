import type { ReplicaProcess } from './replica-process.js';
import type { ReplicaSet } from './replica-set.js';

/** Makes one call after the other, at each replica that runs in turn, until it is ended. */
export abstract class CallsInTurn {
  private isEnding = false;
  private working: Promise<void> = Promise.resolve();

  constructor(
    private readonly set: ReplicaSet,
    protected readonly clusterId: number,
  ) {}

  start(): this {
    this.working = this.work();
    return this;
  }

  /** Ends after the call that is under way. Rejects if a call did. */
  async end(): Promise<void> {
    this.isEnding = true;
    await this.working;
  }

  protected get running(): readonly ReplicaProcess[] {
    return this.set.running;
  }

  /** @param number 1 for the first call */
  protected abstract call(replica: ReplicaProcess, number: number): Promise<void>;

  /** Sends JSON without a check of the response: the replica may be gone. Rejects after `timeoutMs`. */
  protected request(url: string, method: string, body: object, timeoutMs: number): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    return fetch(url, { method, headers, body: JSON.stringify(body), signal: AbortSignal.timeout(timeoutMs) });
  }

  private async work(): Promise<void> {
    for (let number = 1; !this.isEnding; number++) {
      const replica = this.running[number % this.running.length];
      if (replica !== undefined) await this.call(replica, number);
    }
  }
}
