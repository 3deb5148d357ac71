import type { FaultReason } from '../../domain/fleet/effects.js';
import type { Clock, Log } from '../../ground/ports.js';
import { LogThrottle } from '../../limits/log-throttle.js';

/** Machines repeat what is dropped with every ping. */
const INTERVAL_MS = 60_000;

/** What only a person can put right. All else that is dropped is normal, or the fault of another machine. */
const REMEDIES: Partial<Record<FaultReason, string>> = {
  own_origin: 'another machine uses the id of this service, or a url of the cluster leads here: give each its own',
  unknown_machine: 'a machine that has no row here: add the row, and reload',
  unknown_source: 'an address that no machine of the cluster has: compare the urls with where connections come from',
};

interface Fault {
  readonly clusterId: number;
  readonly origin: number;
  readonly reason: FaultReason;
}

/** Warns of messages of fleets that are dropped because of a wrong configuration, once a minute for each cluster and reason. */
export class FleetFaultLog {
  private readonly throttle: LogThrottle;

  constructor(
    /** Clusters that are joined without rows: they learn unknown machines a moment later. */
    private readonly joins: { has(clusterId: number): boolean },
    private readonly ports: { readonly clock: Clock; readonly log: Log },
  ) {
    this.throttle = new LogThrottle(() => ports.clock.now().monotonicMs, INTERVAL_MS);
  }

  write({ clusterId, origin, reason }: Fault): void {
    const remedy = REMEDIES[reason];
    if (remedy === undefined || (reason === 'unknown_machine' && this.joins.has(clusterId))) return;
    this.throttle.log(`${clusterId}/${reason}`, (suppressed) => {
      const fields = { cluster_id: clusterId, machine_id: origin, reason, suppressed };
      this.ports.log.warn(fields, `message of the cluster dropped; ${remedy}`);
    });
  }
}
