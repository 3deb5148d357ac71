import type { Machine } from '../../domain/machine.js';
import type { ClusterTable } from '../../domain/table.js';
import type { Log } from '../../ground/ports.js';
import { type Address, formatAddress, isWildcard } from '../../wire/address.js';

/** The addresses at which this service receives BIN: plain, and over TLS. */
export interface Listeners {
  readonly bin: Address;
  readonly bins: Address | null;
}

/** Warns once of rows that OpenSIPS or this service will have trouble with. */
export class RowWarnings {
  private listeners: Listeners | null = null;
  /** The url of the own row that was warned of, by cluster. */
  private readonly warnedOwnUrls = new Map<number, string>();
  private warnedNulls = 0;
  private warnedMemberless = '';
  private warnedDisabled = '';

  constructor(
    private readonly table: ClusterTable,
    private readonly log: Log,
  ) {}

  listeningAt(listeners: Listeners): void {
    this.listeners = listeners;
    this.checkOwnRows();
  }

  /** OpenSIPS 2.2 cannot read such rows: a daemon exits at its next reload, and does not start again. */
  checkNulls(rows: number): void {
    if (rows === this.warnedNulls) return;
    this.warnedNulls = rows;
    if (rows === 0) return;
    const message = "NULL descriptions in the table: every OpenSIPS 2.2 that reads them exits; set them to ''";
    this.log.warn({ rows }, message);
  }

  /** Clusters of dialect 2.4 are left out where this service is not a member. */
  checkMemberless(clusters: readonly number[], serverId: number): void {
    const text = clusters.join(', ');
    if (text === this.warnedMemberless) return;
    this.warnedMemberless = text;
    if (text === '') return;
    const remedy =
      serverId === 0 ? 'set CLUSTERER_SERVER_ID, and add a row with that id' : `add a row of machine ${serverId}`;
    this.log.warn({ clusters: text }, `clusters of dialect 2.4 without an own row are not loaded; ${remedy}`);
  }

  /** In a cluster of dialect 2.4 whose own row is disabled this service keeps silent, and looks dead to the others. */
  checkDisabled(): void {
    const disabled = this.table.clusters.filter(({ fleet, own }) => fleet !== null && own?.state === 'down');
    const text = disabled.map(({ clusterId }) => clusterId).join(', ');
    if (text === this.warnedDisabled) return;
    this.warnedDisabled = text;
    if (text === '') return;
    const remedy = 'nothing is sent there or accepted from there; set the state of the row to 1, and reload';
    this.log.warn({ clusters: text }, `own row disabled in clusters of dialect 2.4: ${remedy}`);
  }

  /** Peers send to the url of an own row. It must be the address of the listener of its protocol. */
  checkOwnRows(): void {
    const { listeners } = this;
    if (listeners === null) return;
    for (const { own, clusterId } of this.table.clusters) {
      if (own === null || this.warnedOwnUrls.get(clusterId) === own.url) continue;
      const listener = own.protocol === 'bins' ? listeners.bins : listeners.bin;
      if (listener !== null && leadsTo(own, listener)) continue;
      this.warnedOwnUrls.set(clusterId, own.url);
      const where = listener === null ? 'none' : formatAddress(listener.ip, listener.port);
      const fields = { cluster_id: clusterId, url: own.url, listener: where };
      this.log.warn(fields, 'own row with a url other than the BIN listener: peers send elsewhere');
    }
  }
}

function leadsTo({ protocol, ips, port }: Machine, listener: Address): boolean {
  const anyIp = isWildcard(listener.ip);
  return protocol.startsWith('bin') && port === listener.port && (anyIp || ips.includes(listener.ip));
}
