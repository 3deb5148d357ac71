import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { DestinationStream } from 'pino';
import { Registry } from 'prom-client';
import type { Tokens } from './access.js';
import { type BinAddresses, BinListeners } from './bin/listeners.js';
import { OutgoingTls } from './bin/outgoing-tls.js';
import { SystemResolver } from './bin/resolver.js';
import { BinSender } from './bin/sender.js';
import { CertificateFiles } from './certificates.js';
import type { Config } from './config.js';
import { parseDatabaseUrl } from './database-url.js';
import { buildHttp } from './http/build.js';
import type { Routes } from './http/routes.js';
import { renewCertificate } from './http/server.js';
import { openLog } from './log.js';
import { Metrics } from './metrics/metrics.js';
import { binsCertificates, databaseOptions, httpCertificates, listenerOptions, senderOptions } from './options.js';
import { Refusals } from './refusals.js';
import { Refused } from './refused.js';
import { ClusterService } from './service/cluster-service.js';
import type { Clock, Log, MachineStore, Resolver } from './service/ports.js';
import { Ready } from './service/ready.js';
import type { Database, DatabaseOptions } from './storage/database.js';
import { systemClock } from './system-clock.js';
import { followTokenFile } from './token-file.js';
import { type Address, canonicalIp, formatAddress } from './wire/address.js';
import type { ReceivedPacket } from './wire/packet.js';
import { socketRoutes } from './ws/route.js';

/** This version, as `welcome` and the OpenAPI document name it. */
export const VERSION: string = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')).version;

/** A service that runs. */
export interface App extends BinAddresses {
  readonly http: Address;
  /** Stops accepting, writes what is unwritten, closes everything; at most once. */
  stop(): Promise<void>;
}

/** What a test may put in the place of the real thing. */
export interface Surroundings {
  readonly openDatabase?: (options: DatabaseOptions) => Promise<Database>;
  readonly clock?: Clock;
  readonly resolver?: Resolver;
  readonly logTo?: DestinationStream;
  /** Gets the series of this service; what is in it already is answered with them. */
  readonly registry?: Registry;
}

/**
 * Builds everything in this order: table, engine, BIN, HTTP; answers when all of it works.
 * @throws Error that says which variable to look at, when a part cannot start; the others are closed again
 */
export async function startApp(config: Config, surroundings: Surroundings = {}): Promise<App> {
  const { clock = systemClock, resolver = new SystemResolver(), logTo, registry = new Registry() } = surroundings;
  const { openDatabase = openConfigured } = surroundings;
  const log = await openLog(config, logTo);
  const refused = new Refused();
  const localAddress = await sourceAddress(config, resolver);
  const { machines: store, own } = await openDatabase(databaseOptions(config));
  const ownStores = 'unusable' in own ? null : own;
  const certificates = {
    http: new CertificateFiles(httpCertificates(config), log),
    bins: new CertificateFiles(binsCertificates(config), log),
  };
  const tls = new OutgoingTls(() => certificates.bins.current, log);
  const sender = new BinSender({ ...senderOptions(config, localAddress), tls }, resolver, {
    failed: (clusterId, machineId, attempt) => service.sendFailed(clusterId, machineId, attempt),
    succeeded: (clusterId, machineId, attempt) => service.sendSucceeded(clusterId, machineId, attempt),
    resolved: (clusterId, machineId, host, ip) => service.addressResolved(clusterId, machineId, host, ip),
  });
  const flushed = (seconds: number): void => metrics.flushed(seconds);
  const service = new ClusterService({ store, own: ownStores, sender, resolver, clock, log, flushed }, config);
  const metrics = new Metrics(registry, { service, refused, ...config });
  const received = (packet: ReceivedPacket) => service.packetReceived(packet);
  const listeners = new BinListeners(listenerOptions(config), certificates.bins.current, received, log, refused);
  const refusals = new Refusals(refused, log);
  const ready = new Ready(service, store, clock, ownStores === null ? ['drains', 'history'] : []);
  const parts = {
    service,
    refusals,
    logger: log,
    version: VERSION,
    readiness: () => ready.answer(),
    options: config,
    scrape: () => metrics.answer(),
    ...(config.tlsCert !== '' && { tls: certificates.http.current }),
  };
  const routes = await buildHttp(parts, (app, logOf) =>
    socketRoutes(app, service, { ...config, version: VERSION }, refusals, logOf),
  );

  const stopFollowing = followTokens(config.tokens, log);
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    if (stopping === null) log.info({}, 'stopping');
    stopFollowing();
    for (const files of Object.values(certificates)) files.close();
    stopping ??= stopAll({ ready, routes, listeners, sender, service, store });
    return stopping;
  };
  if ('unusable' in own) {
    log.warn({ reason: own.unusable }, 'drains and history are in memory only: the own tables cannot be used');
  }
  try {
    const { clusters, machines, skipped } = await service.reloading.reload();
    const addresses = await listeners.listen();
    service.reloading.listeningAt(addresses);
    const http = await listenHttp(routes, config);
    certificates.http.watch((renewed) => renewCertificate(routes, renewed));
    certificates.bins.watch((renewed) => listeners.renew(renewed));
    const loaded = { clusters, machines, skipped: skipped.length };
    log.info({ ...listening(config, http, addresses), ...loaded, ...described(config) }, 'listening');
    return { http, ...addresses, stop };
  } catch (error) {
    // What went wrong first is what the operator must hear.
    await stop().catch(() => undefined);
    throw error;
  }
}

/** Prisma is loaded only where no other database was brought along. */
async function openConfigured(options: DatabaseOptions): Promise<Database> {
  const { openDatabase } = await import('./storage/database.js');
  return openDatabase(options);
}

/** What of the configuration the first line says: where the machines came from, and what this service is among them. */
function described({ dbUrl, dbTable, serverId, persistent }: Config): object {
  const database = parseDatabaseUrl(dbUrl).place;
  return { database, table: dbTable, server_id: serverId, persistent, version: VERSION };
}

interface Parts {
  readonly ready: Ready;
  readonly routes: Routes;
  readonly listeners: BinListeners;
  readonly sender: BinSender;
  readonly service: ClusterService;
  readonly store: MachineStore;
}

/**
 * First nothing new comes in from machines, then what is under way ends and is answered (`/readyz` says stopping
 * meanwhile), then sockets and requests close, then what all of it changed is written.
 */
async function stopAll({ ready, routes, listeners, sender, service, store }: Parts): Promise<void> {
  ready.stop();
  await listeners.close();
  await sender.close();
  await service.provisioning.settled();
  await routes.close();
  await service.stop().finally(() => store.close());
}

/** What listens where, as the log says it. */
function listening({ tlsCert }: Config, http: Address, { bin, bins }: BinAddresses): object {
  return {
    http: `${tlsCert === '' ? 'http' : 'https'}://${formatAddress(http.ip, http.port)}`,
    bin: formatAddress(bin.ip, bin.port),
    ...(bins !== null && { bins: formatAddress(bins.ip, bins.port) }),
  };
}

/** The file of the tokens may change while the service runs; answers how to stop looking. */
function followTokens(tokens: Tokens, log: Log): () => void {
  const { file } = tokens;
  if (file === null) return () => {};
  return followTokenFile(tokens, file, {
    changed: () => log.info({ file, tokens: tokens.size }, 'the changed list of tokens is in force'),
    broken: (reason) => {
      log.error({ file, reason }, 'the file of CLUSTERER_TOKENS cannot be used; the last good list stays in force');
    },
  });
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

/** Peers know each other by their IP: ours must be known before the first packet goes out. Null: the kernel chooses. */
async function sourceAddress({ binHost }: Config, resolver: Resolver): Promise<string | null> {
  const ip = await resolver.resolve(binHost);
  if (ip === null) throw new Error('CLUSTERER_BIN_HOST is a name that cannot be resolved; set it to an IP address');
  return ip === '0.0.0.0' || ip === '::' ? null : ip;
}
