/** Counts since the start, by labels: plain numbers, looked at when somebody asks (`/metrics`). */
export class Tally<L extends Readonly<Record<string, string>>> {
  private readonly entries = new Map<string, { readonly labels: L; count: number }>();

  /** The values of `labels` are words of ours: each new set of them is kept for ever. */
  add(labels: L): void {
    const key = keyOf(labels);
    const entry = this.entries.get(key);
    if (entry === undefined) this.entries.set(key, { labels, count: 1 });
    else entry.count++;
  }

  /** Every set of labels that was counted, with its count. */
  all(): Iterable<{ readonly labels: L; readonly count: number }> {
    return this.entries.values();
  }
}

/** Most have one label, whose value is then the key itself; an array of values costs seven times as much. */
function keyOf(labels: Readonly<Record<string, string>>): string {
  let key = '';
  for (const name in labels) key = key === '' ? `${labels[name]}` : `${key}\n${labels[name]}`;
  return key;
}
