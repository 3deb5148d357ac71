import { Histogram, type Registry } from 'prom-client';
import type { ClusterService } from '../service/cluster-service.js';
import { sampledCounter, sampledGauge, samples } from './sampled.js';

/** Seconds: a reply takes a fraction of a millisecond on one machine, and after a second (CLUSTERER_PING_TIMEOUT_MS) it is late. */
const PING_BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

/** Seconds: a donor sends thousands of contacts a second, and is given up after CLUSTERER_SYNC_TIMEOUT_SECONDS of silence. */
const SYNC_BUCKETS = [0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Tags with series of their own, in each cluster. */
const MOST_TAGS = 100;

/** Metrics of clusters of OpenSIPS 2.4 to 4.0. */
export function addFleets(registry: Registry, { fleets, queries, statistics, tags }: ClusterService): void {
  sampledGauge(
    registry,
    {
      name: 'clusterer_links',
      help: 'Machines of clusters of OpenSIPS 2.4 to 4.0, by link',
      labels: ['cluster_id', 'state'],
    },
    function* () {
      for (const { clusterId, state, count } of queries.links()) yield [count, { cluster_id: clusterId, state }];
    },
  );
  sampledCounter(
    registry,
    {
      name: 'clusterer_link_changes_total',
      help: 'Links that went up or down; probing in between does not count',
      labels: ['cluster_id', 'to'],
    },
    () => samples(statistics.fleets.linkChanges.all()),
  );
  sampledCounter(
    registry,
    {
      name: 'clusterer_floods_total',
      help: 'Announcements to neighbours, counted once per neighbour: sent (own, or written again for another release) or relayed',
      labels: ['cluster_id', 'result'],
    },
    () => samples(statistics.fleets.floods.all()),
  );
  sampledCounter(
    registry,
    {
      name: 'clusterer_fleet_dropped_total',
      help: 'Messages and packets of clusters of OpenSIPS 2.4 to 4.0 that were dropped, by reason',
      labels: ['reason'],
    },
    () => samples(statistics.fleetFaults.all()),
  );
  sampledCounter(
    registry,
    {
      name: 'clusterer_other_dialect_total',
      help: 'Packets that were dropped because their cluster speaks another dialect; unknown: a cluster that is not loaded, none: a packet of 2.2, which names no cluster',
      labels: ['cluster_id'],
    },
    () => samples(statistics.fleets.otherDialect.all()),
  );
  sampledCounter(
    registry,
    {
      name: 'clusterer_syncs_total',
      help: 'Syncs that have ended: complete, or why not',
      labels: ['cluster_id', 'result'],
    },
    () => samples(statistics.fleets.syncs.all()),
  );
  sampledGauge(
    registry,
    {
      name: 'clusterer_tag_active_machines',
      help: `Machines that are active for a sharing tag: 1 is right, more is a split; the first ${MOST_TAGS} tags of each cluster only`,
      labels: ['cluster_id', 'tag', 'managed'],
    },
    function* () {
      for (const cluster_id of fleets.clusterIds) {
        for (const { tag, managed, machines } of tags.list(cluster_id).tags.slice(0, MOST_TAGS)) {
          const active = machines.filter(({ state }) => state === 'active').length;
          yield [active, { cluster_id, tag, managed: managed ? 'yes' : 'no' }];
        }
      }
    },
  );
  sampledGauge(
    registry,
    {
      name: 'clusterer_tag_lost',
      help: `1 for a managed sharing tag whose owner is not reached, or not active; the first ${MOST_TAGS} tags of each cluster only`,
      labels: ['cluster_id', 'tag'],
    },
    function* () {
      for (const cluster_id of fleets.clusterIds) {
        for (const { tag, isLost } of tags.lost(cluster_id).slice(0, MOST_TAGS)) {
          yield [isLost ? 1 : 0, { cluster_id, tag }];
        }
      }
    },
  );
  const durations = {
    ping: histogram(registry, 'clusterer_ping_seconds', 'Time to the reply of a ping that was in time', PING_BUCKETS),
    sync: histogram(
      registry,
      'clusterer_sync_seconds',
      'Duration of syncs, from their start to their end',
      SYNC_BUCKETS,
    ),
  };
  statistics.fleets.observe = (what, seconds, clusterId) => {
    durations[what].observe({ cluster_id: clusterId }, seconds);
  };
}

function histogram(registry: Registry, name: string, help: string, buckets: number[]): Histogram<'cluster_id'> {
  return new Histogram({
    name,
    help: `${help}, in seconds`,
    buckets,
    labelNames: ['cluster_id'],
    registers: [registry],
  });
}
