/** Lets what touches the table run one after another: load, write and provisioning (contract 8.7). */
export class TableQueue {
  private last: Promise<unknown> = Promise.resolve();

  /** Runs when everything queued before has ended, however it ended. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work, work);
    this.last = result.catch(() => undefined);
    return result;
  }
}
