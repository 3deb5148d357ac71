import type { MachineView } from '../../../src/schemas/machine.js';
import { machineTable } from '../../../src/text/text-table.js';

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

test('a table without machines has only its titles', () => {
  expect(machineTable([])).toBe(
    'CLUSTER  MACHINE  STATE  URL  ADDRESS  TRIES  DURATION  ENABLED IN  DISABLED FOR  DESCRIPTION\n',
  );
});

test('an empty cell is a dash, no value breaks a line, and no line ends in blanks', () => {
  expect(machineTable([MACHINE, { ...MACHINE, machine_id: 3, description: 'a\r\nb\u009bc', disabled_for: [] }])).toBe(
    [
      'CLUSTER  MACHINE  STATE          URL            ADDRESS  TRIES  DURATION  ENABLED IN  DISABLED FOR  DESCRIPTION',
      '1        2        temp_disabled  bin:127.0.0.2  -        3/3    30        12          dialog,ul     -',
      '1        3        temp_disabled  bin:127.0.0.2  -        3/3    30        12          -             a  b c',
      '',
    ].join('\n'),
  );
});

test('a drain has its own column, which exists only when a machine is drained', () => {
  const [since, until] = ['2026-11-22T13:00:00.000Z', '2026-11-22T14:00:00.000Z'];
  const kernel = { ...MACHINE, drain: { reason: 'kernel\nupdate', until, by: 'alice', since } };
  const bare = { ...MACHINE, drain: { reason: null, until, by: null, since } };
  const lines = machineTable([MACHINE, kernel, bare]).split('\n');
  const column = lines[0]?.indexOf('DESCRIPTION  DRAIN') ?? -1;
  expect(lines.map((line) => line.slice(column))).toEqual([
    'DESCRIPTION  DRAIN',
    '-            -',
    `-            since ${since} until ${until} by alice: kernel update`,
    `-            since ${since} until ${until}`,
    '',
  ]);
});
