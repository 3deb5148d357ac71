import type { MachineView } from '../../src/schemas/machine.js';
import { machineTable } from '../../src/text-table.js';

const MACHINE: MachineView = {
  clusterer_id: 1,
  cluster_id: 1,
  machine_id: 2,
  protocol: 'bin',
  url: 'bin:127.0.0.2',
  address: null,
  state: 'temp_disabled',
  description: null,
  no_tries: 3,
  failed_attempts: 3,
  duration: 30,
  last_attempt: 0,
  seconds_until_enabling: 12,
  disabled_for: ['dialog', 'ul'],
};

test('a table without machines is its titles', () => {
  expect(machineTable([])).toBe(
    'CLUSTER  MACHINE  STATE  URL  ADDRESS  TRIES  DURATION  ENABLED IN  DISABLED FOR  DESCRIPTION\n',
  );
});

test('what a machine does not have is a dash, and no value breaks a line or ends in blanks', () => {
  expect(machineTable([MACHINE, { ...MACHINE, machine_id: 3, description: 'a\r\nb\u009bc', disabled_for: [] }])).toBe(
    [
      'CLUSTER  MACHINE  STATE          URL            ADDRESS  TRIES  DURATION  ENABLED IN  DISABLED FOR  DESCRIPTION',
      '1        2        temp_disabled  bin:127.0.0.2  -        3/3    30        12          dialog,ul     -',
      '1        3        temp_disabled  bin:127.0.0.2  -        3/3    30        12          -             a  b c',
      '',
    ].join('\n'),
  );
});

test('where a machine is drained, a column says why and until when', () => {
  const since = '2026-11-22T13:00:00.000Z';
  const drain = { reason: 'kernel update', until: '2026-11-22T14:00:00.000Z', by: null, since };
  const table = machineTable([MACHINE, { ...MACHINE, drain }, { ...MACHINE, drain: { ...drain, until: null } }]);
  expect(table.split('\n').map((line) => line.split('DESCRIPTION')[1] ?? line.slice(line.lastIndexOf('  ')))).toEqual([
    '  DRAIN',
    '  -',
    '  kernel update, until 2026-11-22T14:00:00.000Z',
    '  kernel update',
    '',
  ]);
});
