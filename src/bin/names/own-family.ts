import { isIPv6 } from 'node:net';
import type { Resolution, Resolver } from '../../service/ports.js';

/**
 * Of a name with addresses of both families, those come first that go together with our own address: from an IPv4 address no IPv6
 * one can be reached. `::` takes both, so the system's order stays.
 */
export class OwnFamilyFirst implements Resolver {
  /** @param ownIp where BIN listens */
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
