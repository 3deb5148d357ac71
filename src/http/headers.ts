import { Server as HttpsServer } from 'node:https';
import type { FastifyInstance } from 'fastify';

/** What browsers are told with every answer. The live page has files of its own and nothing else; the rest is data. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
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

/** Sets them on every answer, also of event streams, which take their headers over. */
export function useSecurityHeaders(app: FastifyInstance): void {
  const headers =
    app.server instanceof HttpsServer
      ? { ...SECURITY_HEADERS, 'strict-transport-security': HSTS }
      : { ...SECURITY_HEADERS };
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
}
