import type { Machine } from '../../domain/machine.js';
import type { Log } from '../../ground/ports.js';

/** Says once of each host that none of its addresses can be reached from ours, which no send may blame the machine for. */
export class FamilyWarnings {
  private readonly said = new Set<string>();

  /** @param sourceIp where connections come from; null: the system chooses, and nothing is said */
  constructor(
    private readonly sourceIp: string | null,
    private readonly log: Log,
  ) {}

  check({ clusterId, machineId, protocol, host, ip, ips }: Machine): void {
    if (this.sourceIp === null || ip === null || !protocol.startsWith('bin')) return;
    // Those of our own family come first.
    if (familyOf(ip) === familyOf(this.sourceIp)) {
      this.said.delete(host);
      return;
    }
    if (this.said.has(host)) return;
    this.said.add(host);
    const fields = { cluster_id: clusterId, machine_id: machineId, host, addresses: ips, source: this.sourceIp };
    const family = familyOf(this.sourceIp);
    this.log.warn(
      fields,
      `this machine cannot be reached: CLUSTERER_BIN_HOST is an ${family} address, and its host has none`,
    );
  }
}

function familyOf(ip: string): 'IPv4' | 'IPv6' {
  return ip.includes(':') ? 'IPv6' : 'IPv4';
}
