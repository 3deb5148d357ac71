import type { Log } from '../../ground/ports.js';
import { LogThrottle } from '../../limits/log-throttle.js';
import type { RejectionCounts } from '../../limits/rejection-counts.js';

/** What can be wrong with an incoming connection or packet, and the log message for it. */
const MEANINGS = {
  not_allowed: 'BIN connection refused: source not in CLUSTERER_BIN_ALLOW',
  too_many_connections: 'BIN connection refused: limit CLUSTERER_BIN_MAX_CONNECTIONS reached',
  too_many_from_source:
    'BIN connection refused: limit CLUSTERER_BIN_MAX_CONNECTIONS_PER_SOURCE reached for this source',
  tls_failed: 'BIN connection closed: TLS handshake failed (no certificate of CLUSTERER_BINS_CA, or not TLS at all?)',
  tls_timeout: 'BIN connection closed: TLS handshake took longer than CLUSTERER_BIN_FRAME_TIMEOUT_MS',
  bad_marker: 'BIN connection closed: not a BIN packet (another program or protocol on this port?)',
  bad_length: 'BIN connection closed: packet length below the minimum',
  bad_name_length: 'BIN connection closed: module name longer than its packet',
  other_dialect:
    'BIN packets refused: no loaded cluster is theirs in this dialect (the reason says which OpenSIPS they look like; CLUSTERER_DIALECT says what a cluster speaks; 2.3 is not supported)',
  bad_message: 'BIN packet dropped: a message of the clusterer module that cannot be read',
  frame_timeout: 'BIN connection closed: packet incomplete for longer than CLUSTERER_BIN_FRAME_TIMEOUT_MS',
  idle_timeout: 'BIN connection closed: idle for CLUSTERER_BIN_IDLE_TIMEOUT_SECONDS',
  ended_in_frame: 'BIN connection ended in the middle of a packet; incomplete packet dropped',
  too_short: 'BIN packet dropped: too short for a machine id',
} as const;

export type BinFault = keyof typeof MEANINGS;

export const BIN_FAULTS = Object.keys(MEANINGS) as readonly BinFault[];

/** Counts faults by reason and logs them at a limited rate, so that a hostile or broken peer cannot fill the disk. */
export class FaultCounts {
  private readonly limit = new LogThrottle(() => performance.now());

  constructor(
    private readonly log: Log,
    private readonly rejectionCounts: RejectionCounts,
  ) {}

  /** Since the start, by reason; reasons that never occurred are 0. */
  get counts(): Readonly<Record<BinFault, number>> {
    const counts = BIN_FAULTS.map((fault) => [fault, this.rejectionCounts.countOf('bin', fault)]);
    return Object.fromEntries(counts);
  }

  /**
   * @param source the peer's `ip:port`
   * @param reason the error code of a library
   */
  add(fault: BinFault, source: string, reason?: string): void {
    const count = this.rejectionCounts.add('bin', fault);
    const fields = { fault, source, count, ...(reason !== undefined && { reason }) };
    this.limit.log(fault, () => this.log.warn(fields, MEANINGS[fault]));
  }
}
