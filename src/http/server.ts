import type { ServerOptions } from 'node:http';
import { Server, type ServerOptions as TlsServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../ground/message-of.js';
import type { Credentials } from '../security/certificates.js';
import { type Address, canonicalIp } from '../wire/address.js';
import type { Routes } from './answers/route-types.js';

/** How often Node checks for requests that take too long to arrive. */
const TIMEOUT_CHECK_MS = 1_000;

export interface HeaderLimits {
  readonly httpHeaderBytes: number;
  readonly httpHeaderTimeoutMs: number;
}

interface ListenOptions {
  readonly httpHost: string;
  readonly httpPort: number;
}

/** Node offers only the first, and would refuse a client that speaks only the second. */
const ALPN_PROTOCOLS = ['http/1.1', 'http/1.0'];

/** The options of Fastify that choose its server: HTTPS if there are credentials, otherwise HTTP. */
export function serverOptions(
  limits: HeaderLimits,
  tls: Credentials | undefined,
): { readonly http: ServerOptions } | { readonly https: TlsServerOptions } {
  const http = {
    // hooks/problem.ts refuses requests without one.
    requireHostHeader: false,
    maxHeaderSize: limits.httpHeaderBytes,
    headersTimeout: limits.httpHeaderTimeoutMs,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
  };
  if (tls === undefined) return { http };
  const handshake = { ALPNProtocols: ALPN_PROTOCOLS, handshakeTimeout: limits.httpHeaderTimeoutMs };
  return { https: { ...http, ...secureOptions(tls), ...handshake } };
}

/** Starts to listen. Returns the address, with the port that the system chose. @throws {Error} that names the variables to correct */
export async function listenHttp(routes: Routes, { httpHost, httpPort }: ListenOptions): Promise<Address> {
  try {
    await routes.listen({ host: httpHost, port: httpPort });
  } catch (cause) {
    throw new Error(`HTTP cannot listen (CLUSTERER_HTTP_HOST, CLUSTERER_HTTP_PORT): ${messageOf(cause)}`, { cause });
  }
  // A listening TCP server has such an address.
  const { address, port } = routes.server.address() as AddressInfo;
  return { ip: canonicalIp(address) ?? address, port };
}

/** Uses a renewed certificate for new connections. */
export function renewCertificate({ server }: Routes, tls: Credentials): void {
  if (server instanceof Server) server.setSecureContext(secureOptions(tls));
}

function secureOptions(tls: Credentials) {
  return { ...tls, minVersion: 'TLSv1.2' } as const;
}
