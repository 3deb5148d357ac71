import type { DialectOf, TableVersion } from '../domain/cluster-dialect.js';
import { type FleetSettings, NO_FLEETS } from '../domain/fleets.js';
import type { Config } from './variables.js';

/** The options of the store. */
export function databaseOptions(config: Config) {
  return {
    url: config.dbUrl,
    table: config.dbTable,
    columns: {
      cluster_id: config.clusterIdCol,
      machine_id: config.machineIdCol,
      clusterer_id: config.clustererIdCol,
      state: config.stateCol,
      url: config.urlCol,
      description: config.descriptionCol,
      failed_attempts: config.failedAttemptsCol,
      last_attempt: config.lastAttemptCol,
      duration: config.durationCol,
      no_tries: config.noTriesCol,
    },
    fresh: freshTable(config),
    nodeTimeoutSeconds: config.nodeTimeoutSeconds,
  };
}

/** A new table is of version 4 only where the operator says that the clusters speak 2.4. */
function freshTable({ dialects }: Config): TableVersion {
  return dialects.fallback === '2.4' ? 4 : 1;
}

/** How the service takes part in clusters of dialect 2.4. */
export function fleetSettings(config: Config, dialectOf: DialectOf): FleetSettings {
  const joins = new Map<number, string[]>();
  for (const { clusterId, url } of config.join) joins.set(clusterId, [...(joins.get(clusterId) ?? []), url]);
  return {
    ...NO_FLEETS,
    dialectOf,
    joins,
    advertiseUrl: config.advertiseUrl,
    pingIntervalMs: config.pingIntervalSeconds * 1000,
    pingTimeoutMs: config.pingTimeoutMs,
    nodeTimeoutMs: config.nodeTimeoutSeconds * 1000,
    seedFallbackMs: config.seedFallbackSeconds * 1000,
    syncTimeoutMs: config.syncTimeoutSeconds * 1000,
  };
}

/** The options of the sender. @param localAddress the source of outgoing connections; null: the kernel chooses */
export function senderOptions(config: Config, localAddress: string | null) {
  return {
    localAddress,
    connectTimeoutMs: config.binConnectTimeoutMs,
    writeTimeoutMs: config.binWriteTimeoutMs,
    queueBytes: config.binQueueBytes,
  };
}

/** The options of the BIN listeners. */
export function listenerOptions(config: Config) {
  return {
    host: config.binHost,
    binPort: config.binPort,
    binsPort: config.binsPort,
    allow: config.binAllow,
    frameTimeoutMs: config.binFrameTimeoutMs,
    idleTimeoutMs: config.binIdleTimeoutSeconds * 1000,
    maxConnections: config.binMaxConnections,
    maxConnectionsPerSource: config.binMaxConnectionsPerSource,
  };
}

/** The certificate files of HTTP. */
export function httpCertificates(config: Config) {
  return { cert: config.tlsCert, key: config.tlsKey, ca: '' };
}

/** The certificate files of BIN over TLS, for both directions. */
export function binsCertificates(config: Config) {
  return { cert: config.binsCert, key: config.binsKey, ca: config.binsCa };
}
