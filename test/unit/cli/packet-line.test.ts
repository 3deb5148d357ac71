import { gapLine, tempDisabledLine, timeoutLine } from '../../../src/cli/packet-line.js';

const machine = { seq: 1, cluster_id: 1, machine_id: 2 };

it('says when packets of a silent machine are accepted again', () => {
  expect(timeoutLine({ ...machine, silent_for: 2.001 })).toBe('machine 2  timeout  silent for 2.001 seconds');
  expect(tempDisabledLine({ ...machine, dropped: 3, seconds_until_enabling: 4 })).toBe(
    'machine 2  temp_disabled  3 dropped, accepted again in 4 seconds',
  );
});

it('says how many notifications a gap has lost, where that is known', () => {
  expect(gapLine({ reason: 'expired', missed: 3 })).toBe('gap  3 notifications lost: expired');
  expect(gapLine({ reason: 'expired', missed: null })).toBe('gap  an unknown number of notifications lost: expired');
});
