import { Server as HttpsServer } from 'node:https';
import type { FastifyInstance } from 'fastify';
import type { Check } from './checks.js';

/** For browsers. The live page loads only its own files; all other responses are data. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

/** One year, in seconds. */
const HSTS = 'max-age=31536000';

/** Returns the headers of a response over HTTP or HTTPS. */
export function securityHeaders(isSecure: boolean): Record<string, string> {
  return isSecure ? { ...SECURITY_HEADERS, 'strict-transport-security': HSTS } : { ...SECURITY_HEADERS };
}

/** Sets the security headers on every response. Event streams copy them (routes/events.ts). */
export function setSecurityHeaders(app: FastifyInstance): Check {
  const headers = securityHeaders(app.server instanceof HttpsServer);
  return (_request, reply) => void reply.headers(headers);
}
