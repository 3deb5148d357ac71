import { isIPv6 } from 'node:net';
import type { Resolution, Resolver } from '../../service/ports/resolver.js';

/**
 * Sorts the addresses of a name: first those of the family of our own address, because an IPv4 address cannot reach an IPv6 address.
 * `::` can reach both, and keeps the system's order.
 */
export class OwnFamilyFirst implements Resolver {
  /** @param ownIp the address of the BIN listener */
  constructor(
    private readonly resolver: Resolver,
    private readonly ownIp: string,
  ) {}

  async resolve(host: string): Promise<Resolution> {
    const { ips, fault } = await this.resolver.resolve(host);
    if (this.ownIp === '::') return { ips, fault };
    const fits = (ip: string) => isIPv6(ip) === isIPv6(this.ownIp);
    return { ips: [...ips.filter(fits), ...ips.filter((ip) => !fits(ip))], fault };
  }
}
