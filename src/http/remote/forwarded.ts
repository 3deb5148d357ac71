import type { IncomingHttpHeaders } from 'node:http';
import { parse } from 'forwarded-parse';
import { ipOf, withoutZone } from '../../wire/address.js';

/** What a proxy says about the request that it received. */
interface Hop {
  /** Canonical IP of the other end; null: not told, or hidden. */
  readonly ip: string | null;
  /** Whether it arrived over HTTPS; null: not told. */
  readonly isSecure: boolean | null;
}

/** The client as trusted proxies tell it. */
export type Forwarded = Hop;

const NOTHING: Forwarded = { ip: null, isSecure: null };

/**
 * Finds the client in the headers that a trusted proxy sent. Each proxy adds to the end what it saw, so the way back starts there. It ends
 * at the first address that is not a trusted proxy, or before the first entry that is malformed: whatever is left of it may be forged.
 * @returns null if `Forwarded` and `X-Forwarded-…` contradict each other. One of them then comes from the client: most proxies write one and pass on the other
 */
export function clientIn(headers: IncomingHttpHeaders, isTrusted: (ip: string) => boolean): Forwarded | null {
  const standard = walkBack(forwardedHops(headers.forwarded), isTrusted);
  const customary = walkBack(xForwardedHops(headers), isTrusted);
  if (contradict(standard.ip, customary.ip) || contradict(standard.isSecure, customary.isSecure)) return null;
  return joined(standard, customary);
}

function walkBack(hops: Iterable<Hop>, isTrusted: (ip: string) => boolean): Forwarded {
  let client = NOTHING;
  for (const hop of hops) {
    client = joined(hop, client);
    if (hop.ip === null || !isTrusted(hop.ip)) break;
  }
  return client;
}

/** What the first says, and where it says nothing, what the second says. */
function joined(first: Hop, second: Hop): Hop {
  return { ip: first.ip ?? second.ip, isSecure: first.isSecure ?? second.isSecure };
}

function contradict<T>(one: T | null, other: T | null): boolean {
  return one !== null && other !== null && one !== other;
}

/** RFC 7239, the nearest proxy first. No value that a proxy writes contains a comma, so a quoted comma counts as malformed. */
function* forwardedHops(header: string | undefined): Generator<Hop> {
  for (const text of entriesFromEnd(header)) {
    const { for: node, proto } = elementIn(text);
    yield { ip: ipIn(node), isSecure: isHttps(proto) };
  }
}

function elementIn(text: string): Readonly<Record<string, string>> {
  try {
    const [element = {}] = parse(text);
    return element;
  } catch {
    return {};
  }
}

/** The nearest proxy first. One that adds an address may pass on `X-Forwarded-Proto` as it is; then the last scheme holds for all before it. */
function* xForwardedHops(headers: IncomingHttpHeaders): Generator<Hop> {
  const addresses = entriesFromEnd(headers['x-forwarded-for']);
  const schemes = entriesFromEnd(headers['x-forwarded-proto']);
  for (let i = 0; i < Math.max(addresses.length, schemes.length); i++) {
    yield { ip: ipIn(addresses[i]), isSecure: isHttps(schemes[i]) };
  }
}

/** The entries of a list, the last one first. Node joins repeated headers with commas. */
function entriesFromEnd(header: string | readonly string[] | undefined): string[] {
  return header === undefined
    ? []
    : String(header)
        .split(',')
        .reverse()
        .map((entry) => entry.trim());
}

/** Some proxies add the port. */
function ipIn(node: string | undefined): string | null {
  return node === undefined ? null : ipOf(withoutZone(node));
}

function isHttps(scheme: string | undefined): boolean | null {
  if (scheme === undefined || !/^https?$/i.test(scheme)) return null;
  return scheme.toLowerCase() === 'https';
}
