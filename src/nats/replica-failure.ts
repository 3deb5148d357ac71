/** Whether this replica must start again to go on. The first reason counts. */
export class ReplicaFailure {
  /** Resolves with the reason. */
  readonly reason: Promise<string>;
  private resolve: (reason: string) => void = () => {};

  constructor() {
    this.reason = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  fail(reason: string): void {
    this.resolve(reason);
  }

  /** A start need not wait any longer when this replica cannot go on. */
  unless<T>(work: Promise<T>): Promise<T> {
    const failed = this.reason.then((reason) => {
      throw new Error(`CLUSTERER_NATS_URL: ${reason}.`);
    });
    return Promise.race([work, failed]);
  }
}
