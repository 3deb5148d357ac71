import { lookup } from 'node:dns/promises';
import type { Resolver } from '../service/ports.js';
import { canonicalIp } from '../wire/address.js';

/** The operating system's resolver, hosts file included. The first address it names counts (contract, section 7). */
export class SystemResolver implements Resolver {
  /** One look-up a host at a time: they share few threads with files and databases, and a dead DNS server holds each for long. */
  private readonly underWay = new Map<string, Promise<string | null>>();

  async resolve(host: string): Promise<string | null> {
    const ip = canonicalIp(host);
    if (ip !== null) return ip;
    const underWay = this.underWay.get(host);
    if (underWay) return underWay;
    const answer = firstAddress(host).finally(() => this.underWay.delete(host));
    this.underWay.set(host, answer);
    return answer;
  }
}

async function firstAddress(host: string): Promise<string | null> {
  try {
    const { address } = await lookup(host, { order: 'verbatim' });
    return canonicalIp(address);
  } catch {
    return null;
  }
}
