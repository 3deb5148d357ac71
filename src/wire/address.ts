import ipaddr from 'ipaddr.js';

/** A resolved address: canonical IP text (`canonicalIp`) and port. */
export interface Address {
  readonly ip: string;
  readonly port: number;
}

const IP4 = /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

// ipaddr.js throws and catches to say no, which is slow for the many texts that are names, or only begin like an address, as urls do.
const LIKE_IP6 = /^[0-9a-f:.]*:[0-9a-f:.]*(%|$)/i;

/**
 * The one spelling of an IP address that all comparisons use: IPv4 dotted, IPv6 compressed in lower case,
 * IPv4-mapped IPv6 as IPv4. Null for what is no IP address; the short and octal IPv4 forms are none.
 */
export function canonicalIp(text: string): string | null {
  if (IP4.test(text)) return text;
  if (!LIKE_IP6.test(text) || !ipaddr.IPv6.isValid(text)) return null;
  return ipaddr.process(text).toString();
}

/** Whether it stands for every address of the computer: connections to it come from an address that the system chooses. */
export function isWildcard(ip: string): boolean {
  return ip === '0.0.0.0' || ip === '::';
}

/** An address of a socket without its zone (`fe80::1%eth0`), which means something on one computer only. */
export function withoutZone(address: string): string {
  const [unzoned = ''] = address.split('%');
  return unzoned;
}

/** `ip:port`, or `[ip6]:port`. */
export function formatAddress(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** Reads `IP`, `IP:port` or `[IP6]:port`; answers the canonical IP, or null for anything else. */
export function ipOf(text: string): string | null {
  const [, ip6, ip4, port = '0'] = /^(?:\[([^\]]*:[^\]]*)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  return Number(port) <= 65_535 ? canonicalIp(ip6 ?? ip4 ?? text) : null;
}

/** The network that one party may be taken to have: an IPv4 address, or the /64 of an IPv6 one. `ip` is canonical. */
export function networkOf(ip: string): string {
  if (!ip.includes(':') || !ipaddr.IPv6.isValid(ip)) return ip;
  const parts = ipaddr.IPv6.parse(ip).parts.map((part, index) => (index < 4 ? part : 0));
  return `${new ipaddr.IPv6(parts)}/64`;
}
