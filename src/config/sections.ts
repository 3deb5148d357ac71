import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
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

/** The part of the settings of a replica that comes from the configuration. */
export function replicaSettings(config: Config) {
  return {
    servers: config.natsServers,
    credsFile: config.natsCreds,
    caFile: config.natsCa,
    prefix: config.natsPrefix,
    copies: config.natsReplicas,
    replica: config.replica || ownName(),
    identity: commonValues(config),
    replaySeconds: config.replaySeconds,
  };
}

/** What decides the same commands in the same way, by variable. */
function commonValues(config: Config): Record<string, string> {
  const { dialects, join } = config;
  return {
    CLUSTERER_SERVER_ID: String(config.serverId),
    CLUSTERER_DB_TABLE: config.dbTable,
    CLUSTERER_PERSISTENT_MODE: String(Number(config.persistent)),
    CLUSTERER_DIALECT: [
      dialects.fallback,
      ...[...dialects.exceptions].map(([id, dialect]) => `${id}:${dialect}`),
    ].join(),
    CLUSTERER_JOIN: join.map(({ clusterId, url }) => `${clusterId}=${url}`).join(),
    CLUSTERER_ADVERTISE_URL: config.advertiseUrl,
    CLUSTERER_PING_INTERVAL_SECONDS: String(config.pingIntervalSeconds),
    CLUSTERER_PING_TIMEOUT_MS: String(config.pingTimeoutMs),
    CLUSTERER_NODE_TIMEOUT_SECONDS: String(config.nodeTimeoutSeconds),
    CLUSTERER_SEED_FALLBACK_SECONDS: String(config.seedFallbackSeconds),
    CLUSTERER_SYNC_TIMEOUT_SECONDS: String(config.syncTimeoutSeconds),
  };
}

/** A name that no other replica has. */
function ownName(): string {
  const host = hostname()
    .replace(/[^A-Za-z0-9_-]/g, '-')
    .slice(0, 48);
  return `${host}-${randomBytes(4).toString('hex')}`;
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
