import { BlockList } from 'node:net';
import { Shares } from '../../limits/quota.js';
import { parseNetwork } from '../../wire/address.js';

export interface AdmissionOptions {
  /** CIDR networks or single addresses that may connect; empty: all. */
  readonly allow: readonly string[];
  readonly maxConnections: number;
  readonly maxConnectionsPerSource: number;
}

export type Denial = 'not_allowed' | 'too_many_connections' | 'too_many_from_source';

/** Decides who may connect, and counts connections. Invariant: `connections` is the sum of what `bySource` has given out. */
export class Admission {
  private readonly networks: BlockList | null;
  private readonly bySource: Shares;
  private admitted = 0;

  /** @throws RangeError that names the first entry of `allow` that is not a network */
  constructor(private readonly options: AdmissionOptions) {
    this.bySource = new Shares(options.maxConnectionsPerSource);
    this.networks = options.allow.length > 0 ? networkList(options.allow) : null;
  }

  get connections(): number {
    return this.admitted;
  }

  /** Counts one more connection from this source (canonical IP). Returns why it is refused, or null. */
  enter(ip: string): Denial | null {
    if (this.networks && !this.networks.check(ip, family(ip))) return 'not_allowed';
    if (this.admitted >= this.options.maxConnections) return 'too_many_connections';
    if (!this.bySource.take(ip)) return 'too_many_from_source';
    this.admitted++;
    return null;
  }

  /** Undoes one `enter` that returned null. */
  leave(ip: string): void {
    this.bySource.giveBack(ip);
    this.admitted--;
  }
}

function networkList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const parsed = parseNetwork(network);
    if (parsed === null) throw new RangeError(`CLUSTERER_BIN_ALLOW: "${network}" is not a network such as 10.0.0.0/8`);
    list.addSubnet(parsed.ip, parsed.prefix, family(parsed.ip));
  }
  return list;
}

function family(ip: string): 'ipv4' | 'ipv6' {
  return ip.includes(':') ? 'ipv6' : 'ipv4';
}
