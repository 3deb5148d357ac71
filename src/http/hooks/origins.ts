import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../ground/errors.js';
import type { Tokens } from '../../security/tokens.js';
import type { Check } from './checks.js';

export interface OriginOptions {
  readonly tokens: Tokens;
  /** CLUSTERER_ORIGINS, each in the form that browsers send. */
  readonly origins: readonly string[];
}

const CORS = {
  'access-control-allow-methods': 'GET, POST, PUT, DELETE',
  'access-control-allow-headers':
    'Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID, Min-Seq, X-Request-Id',
  'access-control-max-age': '600',
};
/** Many proxies replace the header by their own name. */
const PASS_ON_HOST =
  'A proxy must pass on the header Host as the browser sent it (nginx: proxy_set_header Host $http_host;).';
const EXPOSED = 'Age, ETag, Location, Retry-After, X-Clusterer-Seq, X-Request-Id';

/** CORS: lets pages of listed origins read all responses, errors included, and responds to their preflights. */
export function allowCors({ origins }: OriginOptions): Check {
  return (request, reply) => {
    if (origins.length === 0) return;
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !origins.includes(origin)) return;
    reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', EXPOSED);
    // A preflight never carries a token, so no other check may see it.
    if (isPreflight(request)) reply.code(204).headers(CORS).send();
  };
}

/**
 * Refuses requests from pages of other origins. Browsers send `Origin` with every WebSocket and every write: it must be
 * the service's own or a listed one.
 */
export function refuseForeignOrigins({ tokens, origins }: OriginOptions): Check {
  const listedHosts = new Set(origins.map((origin) => new URL(origin).hostname));
  let lastHost: string | undefined;
  return (request) => {
    // DNS rebinding: a foreign name that resolves to this service makes any page same-origin. It has no token, so tokens protect.
    if (!tokens.required && request.headers.host !== lastHost) {
      checkHost(request, listedHosts);
      // Most requests have the same Host as the one before, and parsing it is the most expensive part.
      lastHost = request.headers.host;
    }
    const { origin } = request.headers;
    if (origin !== undefined && (origins.includes(origin) || request.routeOptions.config.anyOrigin)) return;
    if (origin === undefined ? isCrossSite(request) : !isOwn(origin, request)) throw originNotAllowed(origin);
  };
}

/** An outsider cannot register a name without a dot. */
function isLocalName(name: string): boolean {
  return !name.includes('.') || isIP(name) !== 0;
}

/** @throws `host_not_allowed` */
function checkHost({ headers: { host } }: FastifyRequest, listedHosts: ReadonlySet<string>): void {
  // HTTP/1.0 may omit it; browsers do not.
  if (host === undefined) return;
  const name = hostUrl('http:', host)?.hostname;
  if (name !== undefined && (isLocalName(name) || listedHosts.has(name))) return;
  const detail =
    'Without tokens, the header Host must be an IP address, a name without a dot such as localhost, or the host of an origin in CLUSTERER_ORIGINS. List https://name there, or set CLUSTERER_TOKENS.';
  throw new ServiceError('host_not_allowed', `${detail} ${PASS_ON_HOST}`);
}

/**
 * True for the host and port of the header `Host`. The scheme counts only over HTTPS: a proxy may terminate TLS, so over HTTP
 * a page of either scheme can be ours.
 */
function isOwn(origin: string, { headers: { host }, remote }: FastifyRequest): boolean {
  if (!URL.canParse(origin) || host === undefined) return false;
  const page = new URL(origin);
  if (page.origin !== origin || !/^https?:$/.test(page.protocol)) return false;
  if (remote.isSecure && page.protocol !== 'https:') return false;
  // The default port of the scheme may be present or not.
  return hostUrl(page.protocol, host)?.host === page.host;
}

/** Parses the header as part of a URL. Returns null when it is not just a host and a port. */
function hostUrl(scheme: string, host: string): URL | null {
  const text = `${scheme}//${host}`;
  return /^[^\s/?#@\\]+$/.test(host) && URL.canParse(text) ? new URL(text) : null;
}

/** Recognizes requests of other sites that have no `Origin`, such as images. Links to the live page are allowed from anywhere. */
function isCrossSite({ headers, method }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== 'cross-site' && site !== 'same-site') return false;
  return headers['sec-fetch-mode'] !== 'navigate' || (method !== 'GET' && method !== 'HEAD');
}

function originNotAllowed(origin: string | undefined): ServiceError {
  const whose = origin === undefined ? 'The origin of this page' : 'The Origin of this request';
  const detail = `${whose} is neither the service's own (the host and port of the header Host) nor listed in CLUSTERER_ORIGINS.`;
  return new ServiceError('origin_not_allowed', `${detail} ${PASS_ON_HOST}`);
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && 'access-control-request-method' in headers;
}
