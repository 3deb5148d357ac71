import type { ServerOptions } from 'node:http';
import { Server, type ServerOptions as TlsServerOptions } from 'node:https';
import type { Credentials } from '../security/certificates.js';
import type { Routes } from './answers/route-types.js';

/** How often Node checks for requests that take too long to arrive. */
const TIMEOUT_CHECK_MS = 1_000;

export interface HeaderLimits {
  readonly httpHeaderBytes: number;
  readonly httpHeaderTimeoutMs: number;
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

/** Uses a renewed certificate for new connections. */
export function renewCertificate({ server }: Routes, tls: Credentials): void {
  if (server instanceof Server) server.setSecureContext(secureOptions(tls));
}

function secureOptions(tls: Credentials) {
  return { ...tls, minVersion: 'TLSv1.2' } as const;
}
