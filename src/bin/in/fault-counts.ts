import type { Log } from '../../ground/ports.js';
import { LogThrottle } from '../../limits/log-throttle.js';
import type { RejectionCounts } from '../../limits/rejection-counts.js';

/** What can go wrong with a connection or a packet that comes in, and what it means for a person who reads the log. */
const MEANINGS = {
  not_allowed: 'BIN connection refused: its source is in none of the networks of CLUSTERER_BIN_ALLOW',
  too_many_connections: 'BIN connection refused: CLUSTERER_BIN_MAX_CONNECTIONS are open',
  too_many_from_source: 'BIN connection refused: CLUSTERER_BIN_MAX_CONNECTIONS_PER_SOURCE are open from this source',
  tls_failed:
    'BIN connection closed: TLS could not be agreed on (no certificate of CLUSTERER_BINS_CA, or no TLS at all?)',
  tls_timeout: 'BIN connection closed: the TLS handshake was not done within CLUSTERER_BIN_FRAME_TIMEOUT_MS',
  bad_marker: 'BIN connection closed: what it sends is no BIN packet (another program or protocol on this port?)',
  bad_length: 'BIN connection closed: a packet says it is shorter than a packet can be',
  bad_name_length: 'BIN connection closed: a packet has a module name longer than itself',
  other_dialect:
    'BIN connection closed: it sends packets of OpenSIPS 2.3 or of 2.4 to 4.0, whose header is another one; this service reads those of OpenSIPS 2.2',
  frame_timeout: 'BIN connection closed: a packet stayed incomplete for CLUSTERER_BIN_FRAME_TIMEOUT_MS',
  idle_timeout: 'BIN connection closed: nothing came for CLUSTERER_BIN_IDLE_TIMEOUT_SECONDS',
  ended_in_frame: 'BIN connection ended in the middle of a packet; the part was dropped',
  too_short: 'BIN packet dropped: it is too short to hold a machine id',
} as const;

export type BinFault = keyof typeof MEANINGS;

export const BIN_FAULTS = Object.keys(MEANINGS) as readonly BinFault[];

/**
 * Counts faults by reason, and logs them at a bounded rate, so that a hostile or broken peer cannot fill the disk; each line
 * carries the count so far.
 */
export class FaultCounts {
  private readonly limit = new LogThrottle(() => performance.now());

  constructor(
    private readonly log: Log,
    private readonly rejectionCounts: RejectionCounts,
  ) {}

  /** Since the start, by reason; every reason is there from the beginning. */
  get counts(): Readonly<Record<BinFault, number>> {
    const counts = BIN_FAULTS.map((fault) => [fault, this.rejectionCounts.countOf('bin', fault)]);
    return Object.fromEntries(counts);
  }

  /** `source` is the peer's `ip:port`; `reason` what a library says of it. */
  add(fault: BinFault, source: string, reason?: string): void {
    const count = this.rejectionCounts.add('bin', fault);
    const fields = { fault, source, count, ...(reason !== undefined && { reason }) };
    this.limit.log(fault, () => this.log.warn(fields, MEANINGS[fault]));
  }
}
