import type { TestService } from './service.js';

/** The series of one scrape by name and labels, such as `clusterer_ws_closed_total{code="1000"}`. */
export async function scrape(service: TestService): Promise<Record<string, number>> {
  const { status, text } = await service.request('GET', '/metrics');
  if (status !== 200) throw new Error(`/metrics answered ${status}`);
  return seriesOf(text);
}

export function seriesOf(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

/** The names of all metrics of a scrape, whether or not they have a series yet. */
export function metricNames(text: string): string[] {
  return [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
}

/** The existing series of a metric, by their labels. */
export function only(series: Record<string, number>, name: string): Record<string, number> {
  const found = Object.entries(series).filter(([key]) => key === name || key.startsWith(`${name}{`));
  return Object.fromEntries(found.map(([key, value]) => [key.slice(name.length), value]));
}
