import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../ground/errors.js';
import type { Tokens } from '../../security/tokens.js';
import type { Check } from './checks.js';

export interface OriginOptions {
  readonly tokens: Tokens;
  /** CLUSTERER_ORIGINS, each as browsers spell it. */
  readonly origins: readonly string[];
}

const CORS = {
  'access-control-allow-methods': 'GET, POST, PUT, DELETE',
  'access-control-allow-headers': 'Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID, X-Request-Id',
  'access-control-max-age': '600',
};
/** Many proxies send a name of their own in place of it. */
const PASS_ON_HOST =
  'If a proxy is in between, it must pass on the header Host as the browser sent it (nginx: proxy_set_header Host $http_host;).';
const EXPOSED = 'ETag, Location, Retry-After, X-Request-Id';

/** Lets pages of listed origins read whatever is answered, refusals too, and answers their preflights. */
export function sharesWithOrigins({ origins }: OriginOptions): Check {
  return (request, reply) => {
    if (origins.length === 0) return;
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !origins.includes(origin)) return;
    reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', EXPOSED);
    // It never carries a token, so nothing else may look at it.
    if (isPreflight(request)) reply.code(204).headers(CORS).send();
  };
}

/**
 * Keeps pages of other origins out, before anything of a request is looked at but who makes it. What carries an
 * `Origin`, as sockets and writes of browsers always do, passes when that is the service's own or listed.
 */
export function keepsOriginsOut({ tokens, origins }: OriginOptions): Check {
  const listedHosts = new Set(origins.map((origin) => new URL(origin).hostname));
  let lastHost: string | undefined;
  return (request) => {
    // A name that leads here only because its owner says so (DNS rebinding) makes any page ours. A page of it has no token.
    if (!tokens.required && request.headers.host !== lastHost) {
      checkHost(request, listedHosts);
      // Most come with the same as the one before, and reading it costs more than all the rest.
      lastHost = request.headers.host;
    }
    const { origin } = request.headers;
    if (origin !== undefined && (origins.includes(origin) || request.routeOptions.config.anyOrigin)) return;
    if (origin === undefined ? isFromElsewhere(request) : !isOwn(origin, request)) throw foreign(origin);
  };
}

/** Nobody outside can register a name without a dot, and have it lead here. */
function isOfThisNetwork(name: string): boolean {
  return !name.includes('.') || isIP(name) !== 0;
}

/** @throws `host_not_allowed` */
function checkHost({ headers: { host } }: FastifyRequest, listedHosts: ReadonlySet<string>): void {
  // HTTP/1.0 may leave it out; no browser does.
  if (host === undefined) return;
  const name = hostUrl('http:', host)?.hostname;
  if (name !== undefined && (isOfThisNetwork(name) || listedHosts.has(name))) return;
  const detail =
    'While there are no tokens, the header Host must be an IP address, a name without a dot as localhost, or the host of an origin in CLUSTERER_ORIGINS. List https://name there, or set CLUSTERER_TOKENS.';
  throw new ServiceError('host_not_allowed', `${detail} ${PASS_ON_HOST}`);
}

/**
 * Same host and port, as the header `Host` has them. The scheme must be ours only where we end TLS ourselves: behind a
 * proxy that does, a page of https is ours.
 */
function isOwn(origin: string, { headers: { host }, protocol }: FastifyRequest): boolean {
  if (!URL.canParse(origin) || host === undefined) return false;
  const page = new URL(origin);
  if (page.origin !== origin || !/^https?:$/.test(page.protocol)) return false;
  if (protocol === 'https' && page.protocol !== 'https:') return false;
  // The default port of either scheme may be named or left out.
  return hostUrl(page.protocol, host)?.host === page.host;
}

/** The header as part of a URL; null when it holds anything but a host and a port. */
function hostUrl(scheme: string, host: string): URL | null {
  const text = `${scheme}//${host}`;
  return /^[^\s/?#@\\]+$/.test(host) && URL.canParse(text) ? new URL(text) : null;
}

/** What a page may do without an `Origin`: images and the like. Links, which show the live page, are welcome from anywhere. */
function isFromElsewhere({ headers, method }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== 'cross-site' && site !== 'same-site') return false;
  return headers['sec-fetch-mode'] !== 'navigate' || (method !== 'GET' && method !== 'HEAD');
}

function foreign(origin: string | undefined): ServiceError {
  const whose = origin === undefined ? 'A page of another origin' : 'The Origin of this request';
  const detail = `${whose} is neither the service's own (the host and port of the header Host) nor listed in CLUSTERER_ORIGINS.`;
  return new ServiceError('origin_not_allowed', `${detail} ${PASS_ON_HOST}`);
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && 'access-control-request-method' in headers;
}
