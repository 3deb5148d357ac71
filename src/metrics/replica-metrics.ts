import type { Registry } from 'prom-client';
import type { Replica } from '../service/replicas/port.js';
import { sampledCounter, sampledGauge } from './sampled.js';

/** Metrics of this process as one of several replicas. Without replicas they do not exist. */
export function addReplica(registry: Registry, replica: Replica): void {
  const gauge = (name: string, help: string, value: () => number) =>
    sampledGauge(registry, { name, help }, () => [[value()]]);
  gauge('clusterer_replicas', 'Replicas that are alive, as this one sees them', () => replica.list().length);
  gauge('clusterer_replica_leader', '1 while this replica leads, otherwise 0', () =>
    replica.leadership.isLeading ? 1 : 0,
  );
  gauge('clusterer_replica_log_position', 'Newest message of the log that is applied here', () => replica.position);
  gauge(
    'clusterer_replica_lag_seconds',
    'Time that the newest message of the log took to this replica, in seconds',
    () => seconds(replica.lagMs),
  );
  gauge(
    'clusterer_replica_log_away_seconds',
    'For how long the log has been away, in seconds; 0 while it is there',
    () => seconds(replica.awayMs ?? 0),
  );
  const differences = {
    name: 'clusterer_replica_differences_total',
    help: 'Comparisons in which the states of the replicas differed; each is a bug',
  };
  sampledCounter(registry, differences, () => [[replica.differences]]);
}

function seconds(ms: number): number {
  return ms / 1_000;
}
