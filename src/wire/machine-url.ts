import { canonicalIp } from './address.js';

/** The protocols of a machine's url, each with its default port. */
const DEFAULT_PORTS = {
  udp: 5060,
  tcp: 5060,
  tls: 5061,
  sctp: 5060,
  ws: 80,
  wss: 443,
  bin: 5555,
  bins: 5556,
  hep: 9060,
  hep_udp: 9060,
  hep_tcp: 9060,
} as const;

export type Protocol = keyof typeof DEFAULT_PORTS;

export const PROTOCOLS: readonly Protocol[] = Object.freeze(Object.keys(DEFAULT_PORTS) as Protocol[]);

/** A machine's url in parts. */
export interface MachineUrl {
  readonly protocol: Protocol;
  /** A DNS name as written, or an IP address in canonical text, without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Characters; the width of the table's `url` column. */
const MAXIMUM_LENGTH = 64;

/** One label of a DNS name. Underscores are common in names of containers. */
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/** A last label that system resolvers take for a number, and the whole host for an IPv4 address in another notation. */
const NUMBER = /^(\d+|0x[0-9a-f]*)$/i;

/** An IPv6 address without brackets at the start. No protocol consists of these letters only. */
const BARE_IP6 = /^[\da-f]*:[\da-f:]*:[\da-f:.]*(%.*)?$/i;

const UNBRACKETED = { fault: 'must have its IPv6 address in brackets, as in bin:[::1]:5555' } as const;

/**
 * Reads `[protocol:]host[:port]`. Without a protocol it is `udp`, as in OpenSIPS.
 * `fault` says what to write instead, and does not repeat the url.
 */
export function parseMachineUrl(url: string): MachineUrl | { readonly fault: string } {
  if (url.length > MAXIMUM_LENGTH) return { fault: `must have at most ${MAXIMUM_LENGTH} characters` };
  if (BARE_IP6.test(url)) return UNBRACKETED;
  const { scheme, rest } = splitScheme(url);
  if (!isProtocol(scheme)) return { fault: `must start with one of the protocols ${PROTOCOLS.join(', ')} and a colon` };

  if (rest.includes('/')) return { fault: `must have no slashes: write ${scheme}:host:port, as in bin:10.0.0.1:5555` };
  if (!rest.startsWith('[') && rest.indexOf(':') !== rest.lastIndexOf(':')) return UNBRACKETED;
  const { host, portText } = splitPort(rest);
  const port = portText === null ? DEFAULT_PORTS[scheme] : parsePort(portText);
  if (port === null) return { fault: 'must have a port of 1 to 65535, or none' };
  const parsedHost = parseHost(host);
  return typeof parsedHost === 'string' ? { protocol: scheme, host: parsedHost, port } : parsedHost;
}

/** `sip1.example:5555` is a host and a port; `sip:sip1.example` has a scheme, although an unknown one. */
function splitScheme(url: string): { scheme: string; rest: string } {
  const colon = url.indexOf(':');
  if (colon < 0 || url.startsWith('[')) return { scheme: 'udp', rest: url };
  const first = url.slice(0, colon).toLowerCase();
  const rest = url.slice(colon + 1);
  const isScheme = isProtocol(first) || !/^\d+$/.test(rest);
  return isScheme ? { scheme: first, rest } : { scheme: 'udp', rest: url };
}

function isProtocol(scheme: string): scheme is Protocol {
  return Object.hasOwn(DEFAULT_PORTS, scheme);
}

function splitPort(text: string): { host: string; portText: string | null } {
  const colon = text.lastIndexOf(':');
  if (colon < 0 || text.endsWith(']')) return { host: text, portText: null };
  return { host: text.slice(0, colon), portText: text.slice(colon + 1) };
}

function parsePort(text: string): number | null {
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}

function parseHost(host: string): string | { readonly fault: string } {
  if (host.startsWith('[') && host.endsWith(']')) {
    const inner = host.slice(1, -1);
    // A zone (fe80::1%eth0) has a meaning on one computer only, but the table is shared.
    const ip = inner.includes(':') && !inner.includes('%') ? canonicalIp(inner) : null;
    return ip ?? { fault: 'must have an IPv6 address without a zone between the brackets' };
  }
  if (host.includes(':')) return UNBRACKETED;
  const ip = canonicalIp(host);
  if (ip !== null) return ip;
  const labels = host.replace(/\.$/, '').split('.');
  if (NUMBER.test(labels.at(-1) ?? ''))
    return { fault: 'must have a host name or an IPv4 address of four numbers up to 255' };
  if (!labels.every((label) => LABEL.test(label)))
    return { fault: 'must have a host: a DNS name, an IPv4 address or a bracketed IPv6 address' };
  return host;
}
