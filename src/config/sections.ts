import type { Config } from './variables.js';

/** What the table needs of the configuration. */
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
  };
}

/** What sending to machines needs of it. @param localAddress where connections come from; null: the kernel chooses */
export function senderOptions(config: Config, localAddress: string | null) {
  return {
    localAddress,
    connectTimeoutMs: config.binConnectTimeoutMs,
    writeTimeoutMs: config.binWriteTimeoutMs,
    queueBytes: config.binQueueBytes,
  };
}

/** What receiving from machines needs of it. */
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

/** Where the certificates of HTTP are. */
export function httpCertificates(config: Config) {
  return { cert: config.tlsCert, key: config.tlsKey, ca: '' };
}

/** Where those of BIN over TLS are, in both directions. */
export function binsCertificates(config: Config) {
  return { cert: config.binsCert, key: config.binsKey, ca: config.binsCa };
}
