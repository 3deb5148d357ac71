import type { FaultReason } from '../../../../src/domain/fleet/effects.js';
import { FleetFaultLog } from '../../../../src/service/events/fleet-fault-log.js';
import { FakeClock } from '../../../support/engine/fake-clock.js';

/** Cluster 2 is joined without rows. */
function faultLog() {
  const clock = new FakeClock();
  const lines: object[] = [];
  const silent = () => {};
  const log = { debug: silent, info: silent, warn: (fields: object) => lines.push(fields), error: silent };
  const faults = new FleetFaultLog(new Set([2]), { clock, log });
  const write = (reason: FaultReason, origin: number, clusterId = 1) => faults.write({ clusterId, origin, reason });
  return { clock, lines, write };
}

it('a wrong configuration is warned of once a minute for each cluster and reason', () => {
  const { clock, lines, write } = faultLog();
  write('own_origin', 9);
  write('own_origin', 9);
  write('unknown_source', 3);
  clock.advance(59_999);
  write('own_origin', 9);
  clock.advance(1);
  write('own_origin', 9);
  expect(lines).toEqual([
    { cluster_id: 1, machine_id: 9, reason: 'own_origin', suppressed: 0 },
    { cluster_id: 1, machine_id: 3, reason: 'unknown_source', suppressed: 0 },
    { cluster_id: 1, machine_id: 9, reason: 'own_origin', suppressed: 2 },
  ]);
});

it('what is dropped in any healthy fleet is no warning', () => {
  const { lines, write } = faultLog();
  write('old_sequence', 3);
  write('own_path', 3);
  write('unknown_machine', 3, 2);
  expect(lines).toEqual([]);
  write('unknown_machine', 3, 1);
  expect(lines).toMatchObject([{ machine_id: 3, reason: 'unknown_machine' }]);
});
