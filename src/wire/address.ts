import ipaddr from 'ipaddr.js';

/** A resolved address: canonical IP text (`canonicalIp`) and port. */
export interface Address {
  readonly ip: string;
  readonly port: number;
}

/**
 * The one spelling of an IP address that all comparisons use: IPv4 dotted, IPv6 compressed in lower case,
 * IPv4-mapped IPv6 as IPv4. Null for what is no IP address; the short and octal IPv4 forms are none.
 */
export function canonicalIp(text: string): string | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text;
  if (!text.includes(':') || !ipaddr.IPv6.isValid(text)) return null;
  return ipaddr.process(text).toString();
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
