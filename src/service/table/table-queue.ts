import { DatabaseUnavailable } from '../../ground/errors.js';

/** Lets what touches the table run one after another: load, write and provisioning (S7). */
export class TableQueue {
  private last: Promise<unknown> = Promise.resolve();
  /** Each time that the database was found away. */
  private outages = 0;
  private lastOutage: DatabaseUnavailable | null = null;

  /** Runs when everything queued before has ended, however it ended. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.queue(() => this.perform(work));
  }

  /**
   * As `run`, for callers whose number nobody bounds: when the database is found away while they wait, they hear it at once
   * and do not each wait for its time-out in turn.
   */
  ask<T>(work: () => Promise<T>): Promise<T> {
    const { outages } = this;
    return this.queue(async () => {
      if (this.lastOutage !== null && this.outages > outages) throw this.lastOutage;
      return this.perform(work);
    });
  }

  private queue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work, work);
    this.last = result.catch(() => undefined);
    return result;
  }

  private async perform<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DatabaseUnavailable && error.away) {
        this.outages++;
        this.lastOutage = error;
      }
      throw error;
    }
  }
}
