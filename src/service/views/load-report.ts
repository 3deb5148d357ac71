import type { ReloadAnswer } from '../../schemas/cluster.js';
import type { RowProblem } from '../ports/machine-store.js';

/** What a load did with the rows. Every row is a machine, an own row, or counted here. */
export interface RowCounts {
  readonly skipped: readonly RowProblem[];
  readonly repaired: readonly RowProblem[];
  readonly own: number;
  readonly elsewhere: number;
  readonly overLimit: number;
}

/** What a load did. */
export interface LoadReport extends RowCounts {
  readonly clusters: number;
  readonly machines: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

/** A report in the REST API's names. */
export function reloadView(report: LoadReport): ReloadAnswer {
  const { clusters, machines, added, removed, changed, skipped, repaired, own, elsewhere, overLimit } = report;
  return {
    clusters,
    nodes: machines,
    added,
    removed,
    changed,
    skipped: skipped.map(problemView),
    repaired: repaired.map(problemView),
    ...(own > 0 && { own }),
    ...(elsewhere > 0 && { elsewhere }),
    ...(overLimit > 0 && { over_limit: overLimit }),
  };
}

/** A report as numbers. Those that are almost always 0 are left out when they are. */
export function reloadCounts(report: LoadReport): Readonly<Record<string, number>> {
  const { skipped, repaired, ...counts } = reloadView(report);
  return { ...counts, skipped: skipped.length, ...(repaired.length > 0 && { repaired: repaired.length }) };
}

function problemView({ clustererId, field, reason }: RowProblem): ReloadAnswer['skipped'][number] {
  return { clusterer_id: clustererId, field, reason };
}
