import ipaddr from 'ipaddr.js';

/** A resolved address: IP in canonical text (`canonicalIp`), and port. */
export interface Address {
  readonly ip: string;
  readonly port: number;
}

const IP4 = /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

// Checked first, because ipaddr.js rejects slowly (it throws inside), and most texts are names or urls.
const LIKE_IP6 = /^[0-9a-f:.]*:[0-9a-f:.]*(%|$)/i;

/**
 * Returns the one spelling of an IP address that all comparisons use: IPv4 dotted, IPv6 compressed in lower case,
 * IPv4-mapped IPv6 as IPv4. Returns null for anything else, the short and octal forms of IPv4 included.
 */
export function canonicalIp(text: string): string | null {
  if (IP4.test(text)) return text;
  if (!LIKE_IP6.test(text) || !ipaddr.IPv6.isValid(text)) return null;
  return ipaddr.process(text).toString();
}

/** Whether this is the wildcard address, which means every address of the computer. */
export function isWildcard(ip: string): boolean {
  return ip === '0.0.0.0' || ip === '::';
}

/** Removes the zone of a socket's address (`fe80::1%eth0`). A zone has a meaning on one computer only. */
export function withoutZone(address: string): string {
  const [unzoned = ''] = address.split('%');
  return unzoned;
}

/** `ip:port`, or `[ip6]:port`. */
export function formatAddress(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** Reads `IP`, `IP:port` or `[IP6]:port`. Returns the canonical IP, or null for anything else. */
export function ipOf(text: string): string | null {
  const [, ip6, ip4, port = '0'] = /^(?:\[([^\]]*:[^\]]*)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  return Number(port) <= 65_535 ? canonicalIp(ip6 ?? ip4 ?? text) : null;
}

/** Reads a network such as `10.0.0.0/8`, or a single address. Returns null for anything else. */
export function parseNetwork(text: string): { readonly ip: string; readonly prefix: number } | null {
  const [address = '', bits] = text.split('/');
  const ip = canonicalIp(address);
  if (ip === null) return null;
  const cidr = bits === undefined ? `${ip}/${ip.includes(':') ? 128 : 32}` : text;
  if (!ipaddr.isValidCIDR(cidr)) return null;
  const [base, prefix] = ipaddr.parseCIDR(cidr);
  return { ip: base.toString(), prefix };
}

/** The network that one party may be taken to have: an IPv4 address, or the /64 of an IPv6 one. `ip` is canonical. */
export function networkOf(ip: string): string {
  if (!ip.includes(':') || !ipaddr.IPv6.isValid(ip)) return ip;
  const parts = ipaddr.IPv6.parse(ip).parts.map((part, index) => (index < 4 ? part : 0));
  return `${new ipaddr.IPv6(parts)}/64`;
}
