import { Registry } from 'prom-client';
import { NO_FLEETS } from '../../../src/domain/fleets.js';
import { RejectionCounts } from '../../../src/limits/rejection-counts.js';
import { Metrics } from '../../../src/metrics/metrics.js';
import { ClusterService } from '../../../src/service/cluster-service.js';
import type { ServicePorts } from '../../../src/service/service-ports.js';
import { FakeClock } from '../../support/engine/fake-clock.js';
import { only, seriesOf } from '../../support/service/metrics.js';

test('rejections are counted by interface and reason, and a scrape changes no count', async () => {
  const ports = { own: null, clock: new FakeClock() } as Partial<ServicePorts> as ServicePorts;
  const replay = { replayBytes: 0, replaySeconds: 0, replayTotalBytes: 0 };
  const bounds = { maxRegistrations: 1, maxMachines: 20_000, historyDays: 1, historyRows: 0 };
  const service = new ClusterService(ports, {
    fleets: NO_FLEETS,
    dialectOf: () => '2.2',
    nodeTimeoutSeconds: 60,
    decode: true,
    redact: new Set<string>(),
    serverId: 0,
    persistent: false,
    syncIntervalMs: 1,
    ...replay,
    ...bounds,
  });
  const rejectionCounts = new RejectionCounts();
  const metrics = new Metrics(new Registry(), {
    service,
    rejectionCounts,
    metricsMachines: 0,
    version: '1.0.0',
    commit: '',
    replica: null,
    webhooks: null,
  });
  const counted = async () => only(seriesOf((await metrics.scrape()).text), 'clusterer_refused_total');
  expect(await counted()).toEqual({});
  rejectionCounts.add('bin', 'not_allowed');
  rejectionCounts.add('bin', 'not_allowed');
  rejectionCounts.add('http', 'forbidden');
  const twice = { '{door="bin",reason="not_allowed"}': 2, '{door="http",reason="forbidden"}': 1 };
  expect(await counted()).toEqual(twice);
  expect(await counted()).toEqual(twice);
});
