import type { ReloadAnswer } from '../schemas/cluster.js';
import type { SkippedRow } from './ports.js';

/** What a load did. */
export interface LoadReport {
  readonly clusters: number;
  readonly machines: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly skipped: readonly SkippedRow[];
}

/** A report as the outside sees it. */
export function reloadView({ machines, skipped, ...counts }: LoadReport): ReloadAnswer {
  const rows = skipped.map(({ clustererId, field, reason }) => ({ clusterer_id: clustererId, field, reason }));
  return { ...counts, nodes: machines, skipped: rows };
}
