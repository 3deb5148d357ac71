import type { AddressInfo } from 'node:net';
import { type DestinationStream, pino } from 'pino';
import { BinListener } from './bin/listener.js';
import { SystemResolver } from './bin/resolver.js';
import { BinSender } from './bin/sender.js';
import type { Config } from './config.js';
import { buildHttp } from './http/build.js';
import type { Routes } from './http/routes.js';
import { ClusterService } from './service/cluster-service.js';
import type { Clock, MachineStore } from './service/ports.js';
import { Ready } from './service/ready.js';
import { openMachineStore } from './storage/database.js';
import { type Address, canonicalIp, formatAddress } from './wire/address.js';
import { socketRoutes } from './ws/route.js';

/** This version, as `welcome` and the OpenAPI document name it. */
export const VERSION = '0.1.0';

/** A service that runs. */
export interface App {
  readonly http: Address;
  readonly bin: Address;
  /** Stops accepting, writes what is unwritten, closes everything; at most once. */
  stop(): Promise<void>;
}

/** What a test may put in the place of the real thing. */
export interface Surroundings {
  readonly clock?: Clock;
  readonly logTo?: DestinationStream;
}

export const systemClock: Clock = {
  now: () => ({ monotonicMs: Math.floor(performance.now()), unixMs: Date.now() }),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * Builds everything in this order: table, engine, BIN, HTTP; answers when all of it works.
 * @throws Error that says which variable to look at, when a part cannot start; the others are closed again
 */
export async function startApp(config: Config, surroundings: Surroundings = {}): Promise<App> {
  const { clock = systemClock, logTo } = surroundings;
  const log = logTo === undefined ? pino({ level: config.logLevel }) : pino({ level: config.logLevel }, logTo);
  const store = await openMachineStore({ url: config.dbUrl, table: config.dbTable, columns: columnsOf(config) });

  const resolver = new SystemResolver();
  const sender = new BinSender(
    {
      localAddress: isWildcard(config.binHost) ? null : await ownIp(resolver, config.binHost),
      connectTimeoutMs: config.binConnectTimeoutMs,
      writeTimeoutMs: config.binWriteTimeoutMs,
      queueBytes: config.binQueueBytes,
    },
    resolver,
    {
      failed: (clusterId, machineId, attempt) => service.sendFailed(clusterId, machineId, attempt),
      succeeded: (clusterId, machineId, attempt) => service.sendSucceeded(clusterId, machineId, attempt),
      resolved: (clusterId, machineId, host, ip) => service.addressResolved(clusterId, machineId, host, ip),
    },
  );
  const service = new ClusterService({ store, sender, resolver, clock, log }, config);
  const listener = new BinListener(
    {
      host: config.binHost,
      port: config.binPort,
      allow: config.binAllow,
      frameTimeoutMs: config.binFrameTimeoutMs,
      idleTimeoutMs: config.binIdleTimeoutSeconds * 1000,
      maxConnections: config.binMaxConnections,
      maxConnectionsPerSource: config.binMaxConnectionsPerSource,
    },
    (packet) => service.packetReceived(packet),
    log,
  );
  const ready = new Ready(service, store, clock);
  const parts = { service, tokens: config.tokens, logger: log, version: VERSION, readiness: () => ready.status() };
  const routes = await buildHttp(parts, (app) => socketRoutes(app, service, { ...config, version: VERSION }));

  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopping ??= stopAll({ ready, routes, listener, sender, service, store });
    return stopping;
  };
  try {
    await service.reloading.reload();
    const bin = await listener.listen();
    service.reloading.warnOfMisplacedOwnRows(bin);
    const http = await listenHttp(routes, config);
    log.info(
      { http: `http://${formatAddress(http.ip, http.port)}`, bin: formatAddress(bin.ip, bin.port) },
      'listening',
    );
    return { http, bin, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Parts {
  readonly ready: Ready;
  readonly routes: Routes;
  readonly listener: BinListener;
  readonly sender: BinSender;
  readonly service: ClusterService;
  readonly store: MachineStore;
}

/** First nothing new comes in, then what is under way ends, then its traces are written. */
async function stopAll({ ready, routes, listener, sender, service, store }: Parts): Promise<void> {
  ready.stop();
  await listener.close();
  await sender.close();
  await routes.close();
  await service.stop().finally(() => store.close());
}

async function listenHttp(routes: Routes, { httpHost, httpPort }: Config): Promise<Address> {
  try {
    await routes.listen({ host: httpHost, port: httpPort });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`HTTP cannot listen (CLUSTERER_HTTP_HOST, CLUSTERER_HTTP_PORT): ${reason}`, { cause });
  }
  // A TCP server that listens has such an address.
  const { address, port } = routes.server.address() as AddressInfo;
  return { ip: canonicalIp(address) ?? address, port };
}

/** Peers know each other by their IP: ours must be known before the first packet goes out. */
async function ownIp(resolver: SystemResolver, host: string): Promise<string> {
  const ip = await resolver.resolve(host);
  if (ip === null) throw new Error('CLUSTERER_BIN_HOST is a name that cannot be resolved; set it to an IP address');
  return ip;
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function columnsOf(config: Config) {
  return {
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
  };
}
