import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { DestinationStream } from 'pino';
import { Registry } from 'prom-client';
import { type BinAddresses, BinListeners } from './bin/in/listeners.js';
import { OwnFamilyFirst } from './bin/names/own-family.js';
import { SystemResolver } from './bin/names/resolver.js';
import { Acknowledgements } from './bin/out/acknowledgements.js';
import { BinSender } from './bin/out/sender.js';
import { OutgoingTls } from './bin/out/tls.js';
import type { Config } from './config/variables.js';
import { CertificateFiles } from './security/certificates.js';
import type { Tokens } from './security/tokens.js';

// biome-ignore lint/performance/noBarrelFile: with `startApp`, what the package exports. Importing this file starts nothing.
export { type Config, ConfigError, readConfig } from './config/variables.js';

import { parseDatabaseUrl } from './config/database-url.js';
import {
  binsCertificates,
  databaseOptions,
  httpCertificates,
  listenerOptions,
  senderOptions,
} from './config/sections.js';
import type { Clock, Log } from './ground/ports.js';
import type { Routes } from './http/answers/route-types.js';
import { buildHttp } from './http/build.js';
import { renewCertificate } from './http/server.js';
import { Refused } from './limits/rejection-counts.js';
import { Refusals } from './limits/rejections.js';
import { Metrics } from './metrics/metrics.js';
import { openLog } from './process/log.js';
import { systemClock } from './process/system-clock.js';
import { type FollowedTokenFile, followTokenFile } from './security/token-file.js';
import { ClusterService } from './service/cluster-service.js';
import type { MachineStore, Resolver } from './service/ports.js';
import { Ready } from './service/ready.js';
import type { Database, DatabaseOptions } from './storage/database.js';
import { type Address, canonicalIp, formatAddress, isWildcard } from './wire/address.js';
import type { ReceivedPacket } from './wire/packet.js';
import { socketRoutes } from './ws/route.js';

/** This version, as `welcome` and the OpenAPI document name it. */
export const VERSION: string = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')).version;

/** A service that runs. */
export interface App extends BinAddresses {
  readonly http: Address;
  /** Reads the table, the file of tokens and the certificate files again, as SIGHUP asks for; the log says what came of it. */
  reload(): Promise<void>;
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
export async function startApp(given: Config, surroundings: Surroundings = {}): Promise<App> {
  const {
    clock = systemClock,
    resolver: names = new SystemResolver(),
    logTo,
    registry = new Registry(),
    openDatabase = openConfigured,
  } = surroundings;
  const log = await openLog(given, logTo);
  const refused = new Refused();
  const ownIp = await listeningIp(given, names);
  const resolver = new OwnFamilyFirst(names, ownIp);
  // Peers know each other by their IP: ours must be known before the first packet goes out. Null: the system chooses.
  const sourceIp = isWildcard(ownIp) ? null : ownIp;
  const { machines: store, own, keyFault } = await openDatabase(databaseOptions(given), log);
  const config = keyFault?.unique === false ? { ...given, persistent: false } : given;
  const ownStores = 'unusable' in own ? null : own;
  const certificates = {
    http: new CertificateFiles(httpCertificates(config), log),
    bins: new CertificateFiles(binsCertificates(config), log),
  };
  const tls = new OutgoingTls(() => certificates.bins.current, log);
  const acknowledgements = new Acknowledgements(log);
  const sender = new BinSender({ ...senderOptions(config, sourceIp), tls, acknowledgements }, resolver, {
    failed: (clusterId, machineId, attempt) => service.sendFailed(clusterId, machineId, attempt),
    succeeded: (clusterId, machineId, attempt) => service.sendSucceeded(clusterId, machineId, attempt),
    resolved: (clusterId, machineId, host, found) => service.addressResolved(clusterId, machineId, host, found),
  });
  const flushed = (seconds: number): void => metrics.flushed(seconds);
  const service = new ClusterService(
    { store, own: ownStores, sender, resolver, sourceIp, clock, log, flushed },
    config,
  );
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

  const tokenFile = followTokens(config.tokens, log);
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    if (stopping === null) log.info({}, 'stopping');
    tokenFile?.stop();
    for (const files of Object.values(certificates)) files.close();
    stopping ??= stopAll({ ready, routes, listeners, sender, service, store }).finally(() => names.close?.());
    return stopping;
  };
  const reload = async (): Promise<void> => {
    if (stopping !== null) return;
    log.info({}, 'reloading');
    for (const files of Object.values(certificates)) files.readNow();
    await tokenFile?.readNow();
    try {
      await service.reloading.reload();
    } catch (error) {
      const reason = error instanceof Error ? error.message : error;
      log.error({ reason }, 'the table cannot be loaded; machines stay as they are');
    }
  };
  if ('unusable' in own) {
    log.warn({ reason: own.unusable }, 'drains and history are in memory only: the own tables cannot be used');
  }
  if (keyFault !== null) log.warn({ reason: keyFault.reason }, 'machines cannot be provisioned');
  try {
    const { clusters, machines, skipped, repaired } = await service.reloading.reload();
    const addresses = await listeners.listen();
    service.reloading.listeningAt(addresses);
    const http = await listenHttp(routes, config);
    certificates.http.watch((renewed) => renewCertificate(routes, renewed));
    certificates.bins.watch((renewed) => listeners.renew(renewed));
    const loaded = { clusters, machines, skipped: skipped.length, repaired: repaired.length };
    log.info({ ...listening(config, http, addresses), ...loaded, ...described(config) }, 'listening');
    return { http, ...addresses, reload, stop };
  } catch (error) {
    // What went wrong first is what the operator must hear.
    await stop().catch(() => undefined);
    throw error;
  }
}

/** Prisma is loaded only where no other database was brought along. */
async function openConfigured(options: DatabaseOptions, log: Log): Promise<Database> {
  const { openDatabase } = await import('./storage/database.js');
  return openDatabase(options, log);
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

/** The file of the tokens, where there is one, may change while the service runs. */
function followTokens(tokens: Tokens, log: Log): FollowedTokenFile | null {
  const { file } = tokens;
  if (file === null) return null;
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

/** The address of CLUSTERER_BIN_HOST, which may be a name. */
async function listeningIp({ binHost }: Config, resolver: Resolver): Promise<string> {
  const [ip] = (await resolver.resolve(binHost)).ips;
  if (ip !== undefined) return ip;
  resolver.close?.();
  throw new Error('CLUSTERER_BIN_HOST is a name that cannot be resolved; set it to an IP address');
}
