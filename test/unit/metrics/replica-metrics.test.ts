import { Registry } from 'prom-client';
import { addReplica } from '../../../src/metrics/replica-metrics.js';
import type { Replica } from '../../../src/service/replicas/port.js';
import { seriesOf } from '../../support/service/metrics.js';

async function metricsOf(replica: Partial<Replica>): Promise<Record<string, number>> {
  const registry = new Registry();
  const one = { name: 'a', leader: true, applied_seq: 7, lag_ms: 2, since: '' };
  addReplica(registry, { list: () => [one, { ...one, name: 'b' }], ...replica } as Replica);
  return seriesOf(await registry.metrics());
}

const leadership = (isLeading: boolean) => ({ isLeading, isReplica: true, replica: 'a' });

test('the leader and its place in the log are shown', async () => {
  const replica = { leadership: leadership(true), position: 7, lagMs: 2, awayMs: null, differences: 0 };
  expect(await metricsOf(replica)).toEqual({
    clusterer_replicas: 2,
    clusterer_replica_leader: 1,
    clusterer_replica_log_position: 7,
    clusterer_replica_lag_seconds: 0.002,
    clusterer_replica_log_away_seconds: 0,
    clusterer_replica_differences_total: 0,
  });
});

test('a replica without a log says for how long, and does not lead', async () => {
  const replica = { leadership: leadership(false), position: 7, lagMs: 2, awayMs: 1500, differences: 3 };
  expect(await metricsOf(replica)).toMatchObject({
    clusterer_replica_leader: 0,
    clusterer_replica_log_away_seconds: 1.5,
    clusterer_replica_differences_total: 3,
  });
});
