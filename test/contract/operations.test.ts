import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { Registry } from 'prom-client';
import { parse } from 'yaml';
import { addReplica } from '../../src/metrics/replica-metrics.js';
import type { Replica } from '../../src/service/replicas/port.js';
import { metricNames, seriesOf } from '../support/service/metrics.js';
import { endProcessesAfterEach, ServiceProcess } from '../support/service/service-process.js';

jest.setTimeout(30_000);
endProcessesAfterEach();

const DOCS = join(__dirname, '../../docs');
const PAGE = readFileSync(join(DOCS, 'operations.md'), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const { groups } = parse(readFileSync(join(DOCS, 'alerts.yaml'), 'utf8')) as {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);

/** The rows of the table under a heading, as cells. */
function rowsOf(heading: string): string[][] {
  const section = PAGE.split(/^###? /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((line) => line.split('|').slice(1, -1)).map((cells) => cells.map((cell) => cell.trim()));
}

const quoted = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);

/** The names and labels of the metrics under a heading. */
const metricsUnder = (heading: string) =>
  rowsOf(heading).flatMap(([names, labels]) => quoted(names).map((name) => [name, quoted(labels)] as const));

const ofOneProcess = new Map(metricsUnder('Metrics'));
const ofReplicas = new Map(metricsUnder('Metrics of replicas'));

/** Labels by metric, as documented. */
const documented = new Map([...ofOneProcess, ...ofReplicas]);

/** The name of a histogram without the suffix of its series. */
const family = (name: string) => name.replace(/_(?:bucket|sum|count)$/, '');

describe('docs/operations.md', () => {
  it('lists every metric of a running service, and no other', async () => {
    const { http } = await new ServiceProcess().listening();
    const text = await (await fetch(`${http}/metrics`)).text();
    expect([...ofOneProcess.keys()].sort()).toEqual(metricNames(text).sort());
    for (const series of Object.keys(seriesOf(text))) {
      const [name = '', labels = ''] = series.split('{');
      const known = documented.get(name) ?? documented.get(family(name)) ?? [];
      for (const [, label] of labels.matchAll(/(\w+)="/g))
        expect([series, known]).toEqual([series, expect.arrayContaining([label])]);
    }
  });

  it('lists every metric of a replica, and no other', () => {
    const registry = new Registry();
    addReplica(registry, {} as Replica);
    expect([...ofReplicas.keys()]).toEqual(registry.getMetricsAsArray().map(({ name }) => name));
  });

  it('explains every alert and what to do, and no other', () => {
    const rows = rowsOf('Alerts');
    expect(rows.map(([name]) => quoted(name)[0])).toEqual(rules.map(({ alert }) => alert));
    for (const row of rows) expect([row[0], row.filter((cell) => cell !== '').length]).toEqual([row[0], 3]);
  });
});

/** An expression, parsed with Prometheus's own grammar. */
function partsOf(expr: string) {
  const faults: string[] = [];
  const metrics: string[] = [];
  const labels: string[] = [];
  const seek = parser.parse(expr).cursor();
  do {
    const text = expr.slice(seek.from, seek.to);
    if (seek.type.isError) faults.push(`${seek.from}: ${text}`);
    if (seek.name === 'VectorSelector') metrics.push(text.replace(/\{.*/s, ''));
    if (seek.name === 'LabelName') labels.push(text);
  } while (seek.next());
  return { faults, metrics, labels };
}

/** Labels that the scrape adds to every series. */
const OF_THE_SCRAPE = ['job', 'instance'];

describe('docs/alerts.yaml', () => {
  it('has valid Prometheus rules, each with a unique name', () => {
    expect(groups.map(({ name }) => name)).toEqual(['clusterer']);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, expr, for: duration = '1m', labels, annotations, ...more } of rules) {
      expect([alert, more]).toEqual([alert, {}]);
      expect(alert).toMatch(/^Clusterer[A-Z][A-Za-z]+$/);
      expect(expr).not.toBe('');
      expect(duration).toMatch(/^[1-9]\d*[smh]$/);
      expect(labels).toEqual({ severity: expect.stringMatching(/^(?:warning|critical)$/) });
      expect(annotations).toEqual({ summary: expect.stringMatching(/\{\{ \$(?:labels\.\w+|value)/) });
    }
  });

  it.each(rules)('$alert uses existing metrics and labels', ({ expr }) => {
    const { faults, metrics, labels } = partsOf(expr);
    expect(faults).toEqual([]);
    expect(metrics.length).toBeGreaterThan(0);
    const ours = metrics.filter((name) => name !== 'up');
    expect(ours.filter((name) => !documented.has(name) && !documented.has(family(name)))).toEqual([]);
    const known = ours.flatMap((name) => documented.get(name) ?? documented.get(family(name)) ?? []);
    expect(labels.filter((label) => ![...OF_THE_SCRAPE, ...known].includes(label))).toEqual([]);
  });

  it('is checked by a parser that reports faults', () => {
    expect(partsOf('sum(rate(clusterer_nodes[5m])').faults).not.toEqual([]);
    expect(partsOf('clusterer_nodes >').faults).not.toEqual([]);
    expect(partsOf('sum by (door) (rate(a_total{reason="x"}[5m]))')).toEqual({
      faults: [],
      metrics: ['a_total'],
      labels: ['door', 'reason'],
    });
  });
});

describe('docs/grafana-dashboard.json', () => {
  const { panels } = JSON.parse(readFileSync(join(DOCS, 'grafana-dashboard.json'), 'utf8')) as {
    readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
  };
  const queries = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const));

  it.each(queries)('queries existing metrics and labels in "%s": %s', (_title, expr) => {
    const { faults, metrics, labels } = partsOf(expr);
    expect(faults).toEqual([]);
    expect(metrics.filter((name) => !documented.has(name) && !documented.has(family(name)))).toEqual([]);
    const known = metrics.flatMap((name) => documented.get(name) ?? documented.get(family(name)) ?? []);
    expect(labels.filter((label) => ![...OF_THE_SCRAPE, ...known].includes(label))).toEqual([]);
  });
});
