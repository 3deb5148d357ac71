/** Counts since the start, by labels: plain numbers that `/metrics` reads. */
export class LabelledCounter<L extends Readonly<Record<string, string>>> {
  private readonly entries = new Map<string, { readonly labels: L; count: number }>();

  /** Each new set of values is kept forever, so the values of `labels` must be words of our own. */
  add(labels: L, count = 1): void {
    const key = labelKey(labels);
    const entry = this.entries.get(key);
    if (entry === undefined) this.entries.set(key, { labels, count });
    else entry.count += count;
  }

  /** Every set of labels that was counted, with its count. */
  all(): Iterable<{ readonly labels: L; readonly count: number }> {
    return this.entries.values();
  }
}

/** Most counters have one label, whose value is then the key. An array of values costs seven times as much. */
function labelKey(labels: Readonly<Record<string, string>>): string {
  let key = '';
  for (const name in labels) key = key === '' ? `${labels[name]}` : `${key}\n${labels[name]}`;
  return key;
}
