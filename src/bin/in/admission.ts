import { BlockList } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Shares } from '../../limits/quota.js';
import { canonicalIp } from '../../wire/address.js';

export interface AdmissionOptions {
  /** CIDR networks or single addresses that may connect; empty: all. */
  readonly allow: readonly string[];
  readonly maxConnections: number;
  readonly maxConnectionsPerSource: number;
}

export type Denial = 'not_allowed' | 'too_many_connections' | 'too_many_from_source';

/** Decides who may connect, and keeps the count of who is connected. Invariant: `connections` is the sum of what `bySource` has given. */
export class Admission {
  private readonly networks: BlockList | null;
  private readonly bySource: Shares;
  private admitted = 0;

  /** Throws a RangeError that names the first entry of `allow` that is no network. */
  constructor(private readonly options: AdmissionOptions) {
    this.bySource = new Shares(options.maxConnectionsPerSource);
    this.networks = options.allow.length > 0 ? networkList(options.allow) : null;
  }

  get connections(): number {
    return this.admitted;
  }

  /** Counts one more connection from this source (canonical IP text), or says why it is refused. */
  enter(ip: string): Denial | null {
    if (this.networks && !this.networks.check(ip, family(ip))) return 'not_allowed';
    if (this.admitted >= this.options.maxConnections) return 'too_many_connections';
    if (!this.bySource.take(ip)) return 'too_many_from_source';
    this.admitted++;
    return null;
  }

  /** Undoes one `enter` that was admitted. */
  leave(ip: string): void {
    this.bySource.giveBack(ip);
    this.admitted--;
  }
}

function networkList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const ip = canonicalIp(address);
    const cidr = ip !== null && bits !== undefined ? `${address}/${bits}` : `${ip}/${ip?.includes(':') ? 128 : 32}`;
    if (ip === null || !ipaddr.isValidCIDR(cidr)) {
      throw new RangeError(`CLUSTERER_BIN_ALLOW: "${network}" is no network; write it like 10.0.0.0/8 or fd00::/8`);
    }
    const [base, prefix] = ipaddr.parseCIDR(cidr);
    list.addSubnet(base.toString(), prefix, family(base.toString()));
  }
  return list;
}

function family(ip: string): 'ipv4' | 'ipv6' {
  return ip.includes(':') ? 'ipv6' : 'ipv4';
}
