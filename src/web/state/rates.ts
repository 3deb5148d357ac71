/** Ten minutes of readings, one in three seconds. */
export const READINGS = 200;

/** Turns readings of counters into rates. Times are Unix milliseconds. */
export class Rates {
  private readonly last = new Map<
    string,
    { readonly count: number; readonly at: number; readonly rate: number | null }
  >();

  private readonly past = new Map<string, number[]>();

  /** The rate per second since the previous reading; null at the first reading, and after the counter was reset. */
  read(name: string, count: number, at: number): number | null {
    const before = this.last.get(name);
    const known = before !== undefined && count >= before.count && at > before.at;
    const rate = known ? ((count - before.count) * 1000) / (at - before.at) : null;
    this.last.set(name, { count, at, rate });
    if (rate !== null) this.keep(name, rate);
    return rate;
  }

  /** The rate at the last reading; null without one. */
  latest(name: string): number | null {
    return this.last.get(name)?.rate ?? null;
  }

  /** The latest rates, oldest first. */
  latestOf(name: string): readonly number[] {
    return this.past.get(name) ?? [];
  }

  /** Forgets all readings, after an interruption. */
  clear(): void {
    this.last.clear();
    this.past.clear();
  }

  private keep(name: string, rate: number): void {
    const rates = this.past.get(name) ?? [];
    rates.push(rate);
    if (rates.length > READINGS) rates.shift();
    this.past.set(name, rates);
  }
}

/** `0/s`, `0.4/s`, `37/s`, `12 k/s`; a dash for null. */
export function rateWords(rate: number | null): string {
  if (rate === null) return '–';
  if (rate === 0 || rate >= 9.95) return rate >= 9_950 ? `${Math.round(rate / 1000)} k/s` : `${Math.round(rate)}/s`;
  return `${rate.toFixed(1)}/s`;
}
