import type { BlockList } from 'node:net';
import { ConcurrencyQuota } from '../../limits/quota.js';

export interface AdmissionOptions {
  /** Networks that may connect; null: all. */
  readonly allow: BlockList | null;
  readonly maxConnections: number;
  readonly maxConnectionsPerSource: number;
}

export type Denial = 'not_allowed' | 'too_many_connections' | 'too_many_from_source';

/** Decides who may connect, and counts connections. Invariant: `connections` is the sum of what `bySource` has given out. */
export class Admission {
  private readonly bySource: ConcurrencyQuota;
  private admitted = 0;

  constructor(private readonly options: AdmissionOptions) {
    this.bySource = new ConcurrencyQuota(options.maxConnectionsPerSource);
  }

  get connections(): number {
    return this.admitted;
  }

  /** Counts one more connection from this source (canonical IP). Returns why it is refused, or null. */
  enter(ip: string): Denial | null {
    const { allow, maxConnections } = this.options;
    if (allow !== null && !allow.check(ip, family(ip))) return 'not_allowed';
    if (this.admitted >= maxConnections) return 'too_many_connections';
    if (!this.bySource.acquire(ip)) return 'too_many_from_source';
    this.admitted++;
    return null;
  }

  /** Undoes one `enter` that returned null. */
  leave(ip: string): void {
    this.bySource.release(ip);
    this.admitted--;
  }
}

function family(ip: string): 'ipv4' | 'ipv6' {
  return ip.includes(':') ? 'ipv6' : 'ipv4';
}
