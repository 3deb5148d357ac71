import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { Tokens } from './access.js';
import { BinListener } from './bin/listener.js';
import { SystemResolver } from './bin/resolver.js';
import { BinSender } from './bin/sender.js';
import type { Config } from './config.js';
import { buildHttp } from './http/build.js';
import type { Routes } from './http/routes.js';
import { databaseOptions, listenerOptions, senderOptions } from './options.js';
import { Refusals } from './refusals.js';
import { Refused } from './refused.js';
import { ClusterService } from './service/cluster-service.js';
import type { Clock, MachineStore, Resolver } from './service/ports.js';
import { Ready } from './service/ready.js';
import { openMachineStore } from './storage/database.js';
import { systemClock } from './system-clock.js';
import { followTokenFile } from './token-file.js';
import { type Address, canonicalIp, formatAddress } from './wire/address.js';
import { socketRoutes } from './ws/route.js';

/** This version, as `welcome` and the OpenAPI document name it. */
export const VERSION: string = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')).version;

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
  readonly resolver?: Resolver;
  readonly logTo?: DestinationStream;
}

/**
 * Builds everything in this order: table, engine, BIN, HTTP; answers when all of it works.
 * @throws Error that says which variable to look at, when a part cannot start; the others are closed again
 */
export async function startApp(config: Config, surroundings: Surroundings = {}): Promise<App> {
  const { clock = systemClock, resolver = new SystemResolver(), logTo } = surroundings;
  const log = logTo === undefined ? pino({ level: config.logLevel }) : pino({ level: config.logLevel }, logTo);
  const refused = new Refused();
  const localAddress = await sourceAddress(config, resolver);
  const store = await openMachineStore(databaseOptions(config));
  const sender = new BinSender(senderOptions(config, localAddress), resolver, {
    failed: (clusterId, machineId, attempt) => service.sendFailed(clusterId, machineId, attempt),
    succeeded: (clusterId, machineId, attempt) => service.sendSucceeded(clusterId, machineId, attempt),
    resolved: (clusterId, machineId, host, ip) => service.addressResolved(clusterId, machineId, host, ip),
  });
  const service = new ClusterService({ store, sender, resolver, clock, log }, config);
  const listener = new BinListener(listenerOptions(config), (packet) => service.packetReceived(packet), log, refused);
  const refusals = new Refusals(refused, log);
  const ready = new Ready(service, store, clock);
  const parts = {
    service,
    refusals,
    logger: log,
    version: VERSION,
    readiness: () => ready.status(),
    options: config,
  };
  const routes = await buildHttp(parts, (app) => socketRoutes(app, service, { ...config, version: VERSION }, refusals));

  const stopFollowing = followTokens(config.tokens, log);
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    if (stopping === null) log.info({}, 'stopping');
    stopFollowing();
    stopping ??= stopAll({ ready, routes, listener, sender, service, store });
    return stopping;
  };
  try {
    await service.reloading.reload();
    const bin = await listener.listen();
    service.reloading.listeningAt(bin);
    const http = await listenHttp(routes, config);
    log.info(
      { http: `http://${formatAddress(http.ip, http.port)}`, bin: formatAddress(bin.ip, bin.port) },
      'listening',
    );
    return { http, bin, stop };
  } catch (error) {
    // What went wrong first is what the operator must hear.
    await stop().catch(() => undefined);
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

/**
 * First nothing new comes in from machines, then what is under way ends and is answered (`/readyz` says stopping
 * meanwhile), then sockets and requests close, then what all of it changed is written.
 */
async function stopAll({ ready, routes, listener, sender, service, store }: Parts): Promise<void> {
  ready.stop();
  await listener.close();
  await sender.close();
  await service.provisioning.settled();
  await routes.close();
  await service.stop().finally(() => store.close());
}

/** The file of the tokens may change while the service runs; answers how to stop looking. */
function followTokens(tokens: Tokens, log: Logger): () => void {
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
