import type { Effect } from '../../domain/effects.js';
import type { FleetEffect } from '../../domain/fleet/effects.js';
import type { ClusterTable } from '../../domain/table.js';
import type { ClusterMessage } from '../../wire/cluster/messages.js';
import type { ReceivedRun } from '../../wire/frame-run.js';
import type { Event } from './event.js';
import { LabelledCounter } from './labelled-counter.js';

/** The messages that go through the whole cluster. */
const FLOODED: ReadonlySet<ClusterMessage['type']> = new Set<ClusterMessage['type']>([
  'link_update',
  'full_topology',
  'capabilities',
  'node_description',
]);

/** Takes durations in seconds, by cluster. */
export type Observe = (what: 'ping' | 'sync', seconds: number, clusterId: number) => void;

/** Counts of clusters of dialect 2.4 since the start. The values of `cluster_id` are few: a cluster of these needs an own row. */
export class FleetStatistics {
  /** Set by what shows histograms. */
  observe: Observe = () => {};
  /** Counts 1 for each neighbour that gets one: `sent` are the own ones and those written again in another family, `relayed` those passed on as they are. */
  readonly floods = new LabelledCounter<{ readonly cluster_id: string; readonly result: 'sent' | 'relayed' }>();
  /** A link that goes from probing to down and back counts once for each time that it was up. */
  readonly linkChanges = new LabelledCounter<{ readonly cluster_id: string; readonly to: 'up' | 'down' }>();
  /** Packets. Only loaded clusters have an id here, since anyone can write any; `unknown` are the others, `none` packets of 2.2, which name no cluster. */
  readonly otherDialect = new LabelledCounter<{ readonly cluster_id: string }>();
  readonly syncs = new LabelledCounter<{ readonly cluster_id: string; readonly result: string }>();
  /** Monotonic milliseconds at which the current sync began, by cluster and capability. */
  private readonly syncsSince = new Map<string, number>();

  perform(effect: Effect, nowMs: number): void {
    switch (effect.type) {
      case 'ping_answered':
        this.observe('ping', effect.ms / 1_000, effect.clusterId);
        break;
      case 'transmit':
        if (FLOODED.has(effect.message.type)) this.flooded(effect.clusterId, 'sent', 1);
        break;
      case 'relay':
        this.flooded(effect.clusterId, 'relayed', effect.to.length);
        break;
      case 'sync_started':
      case 'sync_ended':
        this.sync(effect, nowMs);
        break;
      default:
        break;
    }
  }

  count(event: Event): void {
    if (event.kind !== 'link' || event.settledFrom === null) return;
    this.linkChanges.add({ cluster_id: String(event.cluster_id), to: event.settledFrom === 'up' ? 'down' : 'up' });
  }

  /** Packets of a dialect that no loaded cluster of theirs speaks. */
  refuse({ head: { clusterId }, count }: Pick<ReceivedRun, 'head' | 'count'>, table: ClusterTable): void {
    const label = clusterId === null ? 'none' : table.cluster(clusterId) === undefined ? 'unknown' : String(clusterId);
    this.otherDialect.add({ cluster_id: label }, count);
  }

  private flooded(clusterId: number, result: 'sent' | 'relayed', neighbours: number): void {
    this.floods.add({ cluster_id: String(clusterId), result }, neighbours);
  }

  /** A donor that is replaced starts a sync again: its duration counts from the first one. */
  private sync(effect: FleetEffect & { readonly type: 'sync_started' | 'sync_ended' }, nowMs: number): void {
    const key = `${effect.clusterId}/${effect.capability}`;
    if (effect.type === 'sync_started') {
      if (!this.syncsSince.has(key)) this.syncsSince.set(key, nowMs);
      return;
    }
    const since = this.syncsSince.get(key);
    this.syncsSince.delete(key);
    this.syncs.add({ cluster_id: String(effect.clusterId), result: effect.reason ?? 'complete' });
    if (since !== undefined) this.observe('sync', (nowMs - since) / 1_000, effect.clusterId);
  }
}
