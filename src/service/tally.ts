/** Counts since the start, by labels: plain numbers, looked at when somebody asks (`/metrics`). */
export class Tally<L extends Readonly<Record<string, string>>> {
  private readonly entries = new Map<string, { readonly labels: L; count: number }>();

  /** The values of `labels` are words of ours: each new set of them is kept for ever. */
  add(labels: L): void {
    const key = Object.values(labels).join('\n');
    const entry = this.entries.get(key);
    if (entry === undefined) this.entries.set(key, { labels, count: 1 });
    else entry.count++;
  }

  /** Every set of labels that was counted, with its count. */
  all(): Iterable<{ readonly labels: L; readonly count: number }> {
    return this.entries.values();
  }
}
