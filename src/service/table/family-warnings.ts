import type { Machine } from '../../domain/machine.js';
import type { Log } from '../../ground/ports.js';

/** Warns once of each host that has no address of our family (IPv4 or IPv6): no send reaches it, and none counts as a failed attempt. */
export class FamilyWarnings {
  private readonly warnedHosts = new Set<string>();

  /** @param sourceIp the local address of connections; null: the system chooses, and there is no warning */
  constructor(
    private readonly sourceIp: string | null,
    private readonly log: Log,
  ) {}

  check({ clusterId, machineId, protocol, host, ip, ips }: Machine): void {
    if (this.sourceIp === null || ip === null || !protocol.startsWith('bin')) return;
    // Addresses of our own family come first.
    if (familyOf(ip) === familyOf(this.sourceIp)) {
      this.warnedHosts.delete(host);
      return;
    }
    if (this.warnedHosts.has(host)) return;
    this.warnedHosts.add(host);
    const fields = { cluster_id: clusterId, machine_id: machineId, host, addresses: ips, source: this.sourceIp };
    const family = familyOf(this.sourceIp);
    this.log.warn(
      fields,
      `unreachable machine: CLUSTERER_BIN_HOST is an ${family} address, and the host of the machine has none`,
    );
  }
}

function familyOf(ip: string): 'IPv4' | 'IPv6' {
  return ip.includes(':') ? 'IPv6' : 'IPv4';
}
