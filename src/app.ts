import type { Socket } from 'node:net';
import type { DestinationStream } from 'pino';
import { Registry } from 'prom-client';
import { Answers } from './bin/in/answers.js';
import { type BinAddresses, BinListeners } from './bin/in/listeners.js';
import { Connections } from './bin/link/connections.js';
import { listeningIp } from './bin/names/listening-ip.js';
import { OwnFamilyFirst } from './bin/names/own-family.js';
import { SystemResolver } from './bin/names/resolver.js';
import { Acknowledgements } from './bin/out/acknowledgements.js';
import type { ConnectionTarget } from './bin/out/machine-connection.js';
import { BinSender } from './bin/out/sender.js';
import { OutgoingTls } from './bin/out/tls.js';
import {
  binsCertificates,
  databaseOptions,
  fleetSettings,
  httpCertificates,
  listenerOptions,
  replicaSettings,
  senderOptions,
} from './config/sections.js';
import type { Config } from './config/variables.js';
import { clusterDialects } from './domain/cluster-dialect.js';
import { messageOf } from './ground/message-of.js';
import type { Clock, Log } from './ground/ports.js';
import { buildHttp } from './http/build.js';
import { listenHttp, renewCertificate } from './http/server.js';
import { RejectionCounts } from './limits/rejection-counts.js';
import { Rejections } from './limits/rejections.js';
import { Metrics } from './metrics/metrics.js';
import type { Replication } from './nats/replication.js';
import { listeningFields } from './process/listening-fields.js';
import { openLog } from './process/log.js';
import { stopInOrder } from './process/stop-order.js';
import { systemClock } from './process/system-clock.js';
import { VERSION } from './process/version.js';
import { CertificateFiles } from './security/certificates.js';
import { watchTokenFile } from './security/token-file.js';
import { watchWebhookSecrets } from './security/webhook-secrets.js';
import { ClusterService } from './service/cluster-service.js';
import { ALONE } from './service/leadership.js';
import type { CommandLog } from './service/log/command-log.js';
import type { Resolver } from './service/ports/resolver.js';
import { Ready } from './service/ready.js';
import type { Webhooks } from './service/webhooks/webhooks.js';
import type { Database, DatabaseOptions } from './storage/opened.js';
import type * as WebhookCode from './webhooks/open.js';
import { type Address, isWildcard } from './wire/address.js';
import type { ReceivedRun } from './wire/frame-run.js';
import { socketRoutes } from './ws/route.js';

// biome-ignore lint/performance/noBarrelFile: with `startApp`, what the package exports. Importing this file starts nothing.
export { type Config, ConfigError, readConfig } from './config/variables.js';

/** A running service. */
export interface App extends BinAddresses {
  readonly http: Address;
  /** Resolves with the reason when this replica must start again to go on. Never without replicas. */
  readonly failed: Promise<string>;
  /** Reloads the table, the token file and the certificate files, as at SIGHUP. The log has the result. */
  reload(): Promise<void>;
  /** Stops accepting, writes pending changes, and closes everything. Further calls return the same promise. */
  stop(): Promise<void>;
}

/** Parts that tests replace. */
export interface Replacements {
  readonly openDatabase?: (options: DatabaseOptions, log: Log) => Promise<Database>;
  readonly clock?: Clock;
  readonly resolver?: Resolver;
  readonly commands?: CommandLog;
  readonly logTo?: DestinationStream;
  /** The metrics of the service are added to it. */
  readonly registry?: Registry;
}

/**
 * Starts everything, in this order: table, engine, BIN, HTTP. Resolves when all of it works.
 * @throws Error that names the variable to check, when a part cannot start; the other parts are closed again
 */
export async function startApp(given: Config, replacements: Replacements = {}): Promise<App> {
  const opened: Opened = [];
  try {
    return await startParts(given, replacements, opened);
  } catch (error) {
    // The operator needs this error, not one of the cleanup.
    for (const close of opened.reverse()) await close().catch(() => undefined);
    throw error;
  }
}

/** What closes the parts that have started: in the order of their start, and called in the opposite one. */
type Opened = (() => Promise<unknown>)[];

async function startParts(given: Config, replacements: Replacements, opened: Opened): Promise<App> {
  const {
    clock: system = systemClock,
    resolver: names = new SystemResolver(),
    logTo,
    registry = new Registry(),
    openDatabase = openConfigured,
    commands,
  } = replacements;
  const log = await openLog(given, logTo);
  const rejectionCounts = new RejectionCounts();
  opened.push(async () => names.close?.());
  const ownIp = await listeningIp(given.binHost, names);
  const resolver = new OwnFamilyFirst(names, ownIp);
  // Peers identify each other by IP, so packets must come from ours. Null: the system chooses.
  const sourceIp = isWildcard(ownIp) ? null : ownIp;
  const { machines: store, own, keyFault } = await openDatabase(databaseOptions(given), log);
  opened.push(async () => store.close());
  const config = keyFault?.unique === false ? { ...given, persistent: false } : given;
  const ownStores = 'unusable' in own ? null : own;
  const joined = new Set(given.join.map(({ clusterId }) => clusterId));
  const dialectOf = clusterDialects(given.dialects, store.tableVersion, joined);
  const connections = new Connections();
  const replica = await openReplica(config, system, log, connections);
  opened.push(async () => replica?.stop());
  const clock = replica?.clock ?? system;
  const certificates = {
    http: new CertificateFiles(httpCertificates(config), log),
    bins: new CertificateFiles(binsCertificates(config), log),
  };
  const tls = new OutgoingTls(() => certificates.bins.current, log);
  const acknowledgements = new Acknowledgements(log);
  const answers = new Answers(connections, listenerOptions(config), (run) => service.packetsReceived(run), log);
  const connected = (socket: Socket, target: ConnectionTarget): void => {
    if (dialectOf(target.clusterId) === '2.4') answers.read(socket, target);
  };
  const leadership = replica?.leadership ?? ALONE;
  const mayWrite = () => leadership.isLeading;
  const sender = new BinSender(
    { ...senderOptions(config, sourceIp), tls, acknowledgements, mayWrite, opened: connected },
    resolver,
    {
      failed: (clusterId, machineId, attempt) => service.sendFailed(clusterId, machineId, attempt),
      succeeded: (clusterId, machineId, attempt) => service.sendSucceeded(clusterId, machineId, attempt),
      resolved: (clusterId, machineId, host, found) => service.addressResolved(clusterId, machineId, host, found),
    },
  );
  const flushed = (seconds: number): void => metrics.flushed(seconds);
  const webhookPorts = { clock: system, log, leadership, version: VERSION };
  const webhooks = await openWebhooks(config.webhooks, ownStores, webhookPorts);
  const service = new ClusterService(
    {
      store,
      own: ownStores,
      sender,
      replies: connections,
      resolver,
      sourceIp,
      clock,
      log,
      flushed,
      commands,
      replica,
      webhooks,
    },
    { ...config, dialectOf, fleets: fleetSettings(config, dialectOf) },
  );
  const metrics = new Metrics(registry, { ...config, service, rejectionCounts, version: VERSION, replica, webhooks });
  const received = (run: ReceivedRun) => service.packetsReceived(run);
  const listeners = new BinListeners(
    listenerOptions(config),
    certificates.bins.current,
    received,
    log,
    connections,
    rejectionCounts,
  );
  const rejections = new Rejections(rejectionCounts, log);
  const ready = new Ready(service, store, system, replica, ownStores === null ? ['drains', 'history'] : []);
  const parts = {
    service,
    rejections,
    logger: log,
    readiness: () => ready.answer(),
    options: config,
    build: { version: VERSION, commit: config.commit },
    replica,
    scrape: () => metrics.scrape(),
    ...(config.tlsCert !== '' && { tls: certificates.http.current }),
  };
  const routes = await buildHttp(parts, (app, logOf) =>
    socketRoutes(app, service, { ...config, version: VERSION }, rejections, logOf),
  );

  const tokenFile = watchTokenFile(config.tokens, log);
  const secretFiles = config.webhooks.map(({ secrets }) => watchWebhookSecrets(secrets, log));
  const watched = [certificates.http, certificates.bins, tokenFile, ...secretFiles];
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    if (stopping === null) log.info({}, 'stopping');
    for (const files of watched) files.stop();
    stopping ??= stopInOrder({ ready, routes, listeners, sender, service, store, replica }).finally(() =>
      names.close?.(),
    );
    return stopping;
  };
  opened.splice(0, opened.length, stop);
  const reload = async (): Promise<void> => {
    if (stopping !== null) return;
    log.info({}, 'reloading');
    for (const files of watched) await files.readNow();
    try {
      await service.loader.reload();
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'table reload failed; keeping the loaded machines');
    }
  };
  if ('unusable' in own) {
    log.warn({ reason: own.unusable }, 'own tables unavailable; drains and history are in memory only');
  }
  if (keyFault !== null) log.warn({ reason: keyFault.reason }, 'provisioning disabled');
  if (replica === null) await webhooks?.lead();
  const first = replica === null ? await service.loader.reload() : null;
  if (replica !== null) await replica.join(service.replicaSide);
  const addresses = await listeners.listen();
  service.loader.listeningAt(addresses);
  if (replica === null) await service.beginFleets();
  else await replica.campaign(() => service.loader.loaded);
  const http = await listenHttp(routes, config);
  certificates.http.watch((renewed) => renewCertificate(routes, renewed));
  certificates.bins.watch((renewed) => listeners.renew(renewed));
  log.info(listeningFields(config, { http, ...addresses }, first, replica?.leadership.replica), 'listening');
  return { http, ...addresses, failed: replica?.failed ?? NEVER, reload, stop };
}

/** Joins the replicas that share a log; null without CLUSTERER_NATS_URL. The client of NATS is loaded only then. */
async function openReplica(
  config: Config,
  clock: Clock,
  log: Log,
  connections: Connections,
): Promise<Replication | null> {
  if (config.natsServers.length === 0) return null;
  const { Replication } = await import('./nats/replication.js');
  return Replication.open({ ...replicaSettings(config), clock, log }, (isWritable) =>
    isWritable ? connections.release() : connections.hold(),
  );
}

/** Null without CLUSTERER_WEBHOOKS. Their code is loaded only then. */
async function openWebhooks(...parts: Parameters<typeof WebhookCode.openWebhooks>): Promise<Webhooks | null> {
  if (parts[0].length === 0) return null;
  const code = await import('./webhooks/open.js');
  return code.openWebhooks(...parts);
}

/** Loads Prisma only when no other database is given. */
async function openConfigured(options: DatabaseOptions, log: Log): Promise<Database> {
  const { openDatabase } = await import('./storage/database.js');
  return openDatabase(options, log);
}

/** A single process goes on whatever happens. */
const NEVER = new Promise<string>(() => {});
