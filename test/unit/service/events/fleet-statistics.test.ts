import type { ClusterTable } from '../../../../src/domain/table.js';
import { FleetStatistics } from '../../../../src/service/events/fleet-statistics.js';
import type { ReceivedRun } from '../../../../src/wire/frame-run.js';

const TABLE = { cluster: (clusterId: number) => (clusterId === 7 ? {} : undefined) } as ClusterTable;

it.each([
  ['by its cluster', 7, '7'],
  ['as unknown if its cluster is not loaded, since anyone can write any id', 8, 'unknown'],
  ['as none if it is of 2.2 and names no cluster', null, 'none'],
])('a packet of another dialect is counted %s', (_, clusterId, cluster_id) => {
  const statistics = new FleetStatistics();
  const run = { head: { clusterId } as ReceivedRun['head'], count: 2 };
  statistics.refuse(run, TABLE);
  statistics.refuse(run, TABLE);
  expect([...statistics.otherDialect.all()]).toEqual([{ labels: { cluster_id }, count: 4 }]);
});
