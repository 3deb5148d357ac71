/** Ten minutes of readings, one in three seconds. */
export const READINGS = 200;

interface Reading {
  readonly count: number;
  readonly at: number;
}

/** Turns readings of counters into rates. Times are Unix milliseconds. */
export class Rates {
  private readonly last = new Map<number, Reading>();
  private readonly past = new Map<number, readonly number[]>();

  /** Takes a reading. There is no rate at the first one, and none after the counter was reset. */
  read(id: number, count: number, at: number): void {
    const before = this.last.get(id);
    this.last.set(id, { count, at });
    if (before === undefined || at <= before.at) return;
    if (count < before.count) this.past.delete(id);
    else this.keep(id, ((count - before.count) * 1000) / (at - before.at));
  }

  /** The latest rates per second, oldest first. */
  latest(id: number): readonly number[] {
    return this.past.get(id) ?? [];
  }

  /** In a new array, so that it is easy to see that there is another rate. */
  private keep(id: number, rate: number): void {
    this.past.set(id, [...this.latest(id).slice(1 - READINGS), rate]);
  }
}

/** `0/s`, `0.4/s`, `37/s`, `12 k/s`; a dash without a rate. */
export function rateWords(rate: number | undefined): string {
  if (rate === undefined) return '–';
  if (rate === 0 || rate >= 9.95) return rate >= 9_950 ? `${Math.round(rate / 1000)} k/s` : `${Math.round(rate)}/s`;
  return `${rate.toFixed(1)}/s`;
}
