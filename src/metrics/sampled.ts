import { Counter, Gauge, type Registry } from 'prom-client';

interface Description {
  readonly name: string;
  /** What it is, with its unit; for people who see only `/metrics`. */
  readonly help: string;
  readonly labels?: readonly string[];
}

/** A value and its labels. */
export type Sample = readonly [value: number, labels?: Readonly<Record<string, string | number>>];

/** Adds a gauge whose series are read at each scrape. */
export function sampledGauge(registry: Registry, description: Description, read: () => Iterable<Sample>): void {
  new Gauge({
    ...optionsOf(registry, description),
    collect() {
      this.reset();
      for (const [value, labels] of read()) this.set(labels ?? {}, value);
    },
  });
}

/** The same for a count that is kept elsewhere, and only rises. */
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
