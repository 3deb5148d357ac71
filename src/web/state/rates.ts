/** Turns counters that are read now and then into rates. Times are unix milliseconds. */
export class Rates {
  private readonly last = new Map<
    string,
    { readonly count: number; readonly at: number; readonly rate: number | null }
  >();

  /** What a counter did since it was read before, by the second; null at its first reading, and when it began anew. */
  read(name: string, count: number, at: number): number | null {
    const before = this.last.get(name);
    const known = before !== undefined && count >= before.count && at > before.at;
    const rate = known ? ((count - before.count) * 1000) / (at - before.at) : null;
    this.last.set(name, { count, at, rate });
    return rate;
  }

  /** What the last reading found; null where there was none. */
  latest(name: string): number | null {
    return this.last.get(name)?.rate ?? null;
  }

  /** A gap lies behind: the next readings are first ones. */
  clear(): void {
    this.last.clear();
  }
}

/** `0/s`, `0.4/s`, `37/s`, `12 k/s`; a dash where it is not known yet. */
export function rateWords(rate: number | null): string {
  if (rate === null) return '–';
  if (rate === 0 || rate >= 9.95) return rate >= 9_950 ? `${Math.round(rate / 1000)} k/s` : `${Math.round(rate)}/s`;
  return `${rate.toFixed(1)}/s`;
}
