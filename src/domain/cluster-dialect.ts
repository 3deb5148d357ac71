import type { DialectId } from '../wire/dialects/dialect-id.js';

/** The versions of the clusterer table that are served, as OpenSIPS numbers them: 1 is that of 2.2, 4 that of 2.4 to 4.0. */
export type TableVersion = 1 | 4;

/** What CLUSTERER_DIALECT says. */
export interface ConfiguredDialects {
  /** Of the clusters without an exception; null: the table decides. */
  readonly fallback: DialectId | null;
  /** By cluster id. */
  readonly exceptions: ReadonlyMap<number, DialectId>;
}

/**
 * Returns which dialect a cluster speaks.
 * @param joined whether CLUSTERER_JOIN names the cluster: only dialect 2.4 has clusters without a row
 */
export function dialectOf(
  clusterId: number,
  { fallback, exceptions }: ConfiguredDialects,
  tableVersion: TableVersion,
  joined: boolean,
): DialectId {
  const explicit = exceptions.get(clusterId);
  if (explicit !== undefined) return explicit;
  if (joined) return '2.4';
  return fallback ?? (tableVersion === 4 ? '2.4' : '2.2');
}

/** The dialect of every cluster, loaded or not. */
export type DialectOf = (clusterId: number) => DialectId;

/** `dialectOf` for one configuration and table. */
export function clusterDialects(
  configured: ConfiguredDialects,
  tableVersion: TableVersion,
  joined: ReadonlySet<number>,
): DialectOf {
  return (clusterId) => dialectOf(clusterId, configured, tableVersion, joined.has(clusterId));
}
