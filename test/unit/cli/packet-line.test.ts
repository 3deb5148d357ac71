import { tempDisabledLine, timeoutLine } from '../../../src/cli/packet-line.js';

const told = { seq: 1, cluster_id: 1, machine_id: 2 };

it('says of a silent machine that the module will be listening again, not that it was heard', () => {
  expect(timeoutLine({ ...told, silent_for: 2.001 })).toBe('machine 2  timeout  silent for 2.001 seconds');
  expect(tempDisabledLine({ ...told, dropped: 3, seconds_until_enabling: 4 })).toBe(
    'machine 2  temp_disabled  3 dropped, listening again in 4 seconds',
  );
});
