import { Server as HttpsServer } from 'node:https';
import type { FastifyInstance } from 'fastify';
import type { Check } from './checks.js';

/** What browsers are told with every answer. The live page has files of its own and nothing else; the rest is data. */
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

/** A year, in seconds. */
const HSTS = 'max-age=31536000';

/** Of an answer in the clear, or over TLS. */
export function securityHeaders(isSecure: boolean): Record<string, string> {
  return isSecure ? { ...SECURITY_HEADERS, 'strict-transport-security': HSTS } : { ...SECURITY_HEADERS };
}

/** Sets them on every answer, also of event streams, which take their headers over. */
export function setsSecurityHeaders(app: FastifyInstance): Check {
  const headers = securityHeaders(app.server instanceof HttpsServer);
  return (_request, reply) => void reply.headers(headers);
}
