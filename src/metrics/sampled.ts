import { Counter, Gauge, type Registry } from 'prom-client';

interface Description {
  readonly name: string;
  /** Meaning and unit, for a reader who sees only `/metrics`. */
  readonly help: string;
  readonly labels?: readonly string[];
}

/** One series: its value and its labels. */
export type Sample = readonly [value: number, labels?: Readonly<Record<string, string | number>>];

/** Adds a gauge that reads its series at each scrape. */
export function sampledGauge(registry: Registry, description: Description, read: () => Iterable<Sample>): void {
  new Gauge({
    ...optionsOf(registry, description),
    collect() {
      this.reset();
      for (const [value, labels] of read()) this.set(labels ?? {}, value);
    },
  });
}

/** Adds a counter that reads its series at each scrape from a count that only rises. */
export function sampledCounter(registry: Registry, description: Description, read: () => Iterable<Sample>): void {
  new Counter({
    ...optionsOf(registry, description),
    collect() {
      this.reset();
      for (const [value, labels] of read()) this.inc(labels ?? {}, value);
    },
  });
}

function optionsOf(registry: Registry, { name, help, labels = [] }: Description) {
  return { name, help, labelNames: [...labels], registers: [registry] };
}

/** The series of a counter that is kept by labels. */
export function* samples(
  counts: Iterable<{ readonly labels: Readonly<Record<string, string>>; readonly count: number }>,
): Generator<Sample> {
  for (const { labels, count } of counts) yield [count, labels];
}
