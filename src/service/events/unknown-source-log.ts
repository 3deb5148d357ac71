import type { Effect } from '../../domain/effects.js';
import type { Clock, Log } from '../../ground/ports.js';
import { LogThrottle } from '../../limits/log-throttle.js';
import { formatAddress } from '../../wire/address.js';

/** Logs packets from unknown sources (R5), throttled: anyone may send them at any rate. */
export class UnknownSourceLog {
  private readonly throttle: LogThrottle;

  constructor(private readonly ports: { readonly clock: Clock; readonly log: Log }) {
    this.throttle = new LogThrottle(() => ports.clock.now().monotonicMs);
  }

  write({ registration, run, mismatch }: Effect & { type: 'unknown_source' }): void {
    const { number, module, clusterId } = registration;
    this.throttle.log(`${number}/${mismatch}`, (suppressed) => {
      const source = formatAddress(run.source.ip, run.source.port);
      const { machineId } = run.head;
      const fields = { module, number, cluster_id: clusterId, machine_id: machineId, source, mismatch, suppressed };
      this.ports.log.warn(fields, 'packet from an unknown source dropped');
    });
  }
}
