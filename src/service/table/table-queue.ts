import { DatabaseUnavailable } from '../../ground/errors.js';

/** Runs everything that uses the table one after another: load, write and provisioning (S7). */
export class TableQueue {
  private last: Promise<unknown> = Promise.resolve();
  /** How often the database was found unavailable. */
  private outages = 0;
  private lastOutage: DatabaseUnavailable | null = null;

  /** Runs the work when everything queued before has succeeded or failed. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.queue(() => this.perform(work));
  }

  /**
   * As `run`, for work that comes in any number. When the database is found unavailable while it waits, it fails at once: otherwise
   * each would wait for its own time-out.
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
