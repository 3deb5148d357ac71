import type { Check } from './checks.js';

/** For browsers. The live page loads only its own files; all other responses are data. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy("'self'"),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

/** One year, in seconds. */
const HSTS = 'max-age=31536000';

/** Returns the policy of a page that loads only its own files. @param styles the source of its style sheets, such as a hash */
export function contentSecurityPolicy(styles: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src ${styles}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Returns the headers of a response over HTTP or HTTPS. */
export function securityHeaders(isSecure: boolean): Record<string, string> {
  return isSecure ? { ...SECURITY_HEADERS, 'strict-transport-security': HSTS } : { ...SECURITY_HEADERS };
}

/** Sets the security headers on every response. Event streams copy them (routes/events.ts). */
export function setSecurityHeaders(): Check {
  const [plain, secure] = [securityHeaders(false), securityHeaders(true)];
  return ({ remote }, reply) => void reply.headers(remote.isSecure ? secure : plain);
}
