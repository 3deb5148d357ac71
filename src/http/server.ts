import type { ServerOptions } from 'node:http';
import { Server } from 'node:https';
import type { Credentials } from '../security/certificates.js';
import type { Routes } from './answers/route-types.js';

/** How often Node looks for requests that take too long to arrive. */
const TIMEOUT_CHECK_MS = 1_000;

export interface HeaderLimits {
  readonly httpHeaderBytes: number;
  readonly httpHeaderTimeoutMs: number;
}

/** Node names only the first, and would turn away who can only do with the other and says so. */
const ALPN_PROTOCOLS = ['http/1.1', 'http/1.0'];

/** What Fastify makes its server of: one of HTTPS where there are credentials. */
export function serverOptions(limits: HeaderLimits, tls: Credentials | undefined): { readonly http: ServerOptions } {
  const http = {
    // problem.ts answers who sends none.
    requireHostHeader: false,
    maxHeaderSize: limits.httpHeaderBytes,
    headersTimeout: limits.httpHeaderTimeoutMs,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
  };
  if (tls === undefined) return { http };
  // Fastify types a server of HTTPS apart from one of HTTP; nothing here depends on the difference.
  const ofHandshakes = { ALPNProtocols: ALPN_PROTOCOLS, handshakeTimeout: limits.httpHeaderTimeoutMs };
  const https = { https: { ...http, ...secureOptions(tls), ...ofHandshakes } };
  return https as unknown as { http: ServerOptions };
}

/** A renewed certificate, for connections from now on. */
export function renewCertificate({ server }: Routes, tls: Credentials): void {
  if (server instanceof Server) server.setSecureContext(secureOptions(tls));
}

function secureOptions(tls: Credentials) {
  return { ...tls, minVersion: 'TLSv1.2' } as const;
}
