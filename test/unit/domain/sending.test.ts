import type { Command, LoadedMachine } from '../../../src/domain/commands.js';
import { Engine } from '../../../src/domain/engine.js';
import { effectText } from '../../support/engine/effect-text.js';
import { machineStateText } from '../../support/engine/engine-text.js';
import { loadedMachine } from '../../support/tables/rows.js';

const MACHINE = { clusterId: 1, machineId: 2 };

/** An engine with machine 2 of cluster 1 in it; what it is asked happens 1 s after it was loaded at 1,000,000 unix seconds. */
function engineWith(given: Partial<LoadedMachine>) {
  const engine = new Engine(0);
  const machines = [loadedMachine(given)];
  engine.apply({ type: 'load', machines, keepChanged: false }, { monotonicMs: 0, unixMs: 1_000_000_000 });
  const state = () => {
    const cell = engine.table.cell(1, 2);
    return cell === undefined ? 'gone' : machineStateText(cell, engine.sending.unsaved.has(cell));
  };
  const apply = (command: Command) => engine.apply(command, { monotonicMs: 1000, unixMs: 1_000_001_000 });
  return { state, apply };
}

const lastTime = { state: 'temp_disabled', noTries: 3, lastAttempt: 999_999, durationMs: 30_000 } as const;
const disabled = 'temp_disabled no_tries=3 last_attempt=999999 enable_at=29000';

describe('a machine', () => {
  test.each<{ is: string; given: Partial<LoadedMachine>; command: Command; leaves: string; said: string[] }>([
    {
      is: 'up',
      given: { noTries: 1 },
      command: { type: 'set_status', status: 'up', cause: 'operator', ...MACHINE },
      leaves: 'up no_tries=0 last_attempt=0 unsaved',
      said: ['row_changed'],
    },
    {
      is: 'up',
      given: {},
      command: { type: 'set_status', status: 'down', cause: 'set_state', ...MACHINE },
      leaves: 'down no_tries=0 last_attempt=0 unsaved',
      said: ['node_state 1/2 up -> down (set_state)', 'row_changed'],
    },
    {
      is: 'temp_disabled',
      given: lastTime,
      command: { type: 'set_status', status: 'up', cause: 'operator', ...MACHINE },
      leaves: 'up no_tries=0 last_attempt=999999 unsaved',
      said: ['node_state 1/2 temp_disabled -> up (operator)', 'row_changed'],
    },
    {
      is: 'temp_disabled',
      given: lastTime,
      command: { type: 'set_status', status: 'down', cause: 'operator', ...MACHINE },
      leaves: 'down no_tries=3 last_attempt=999999 unsaved',
      said: ['node_state 1/2 temp_disabled -> down (operator)', 'row_changed'],
    },
    {
      is: 'temp_disabled',
      given: lastTime,
      command: { type: 'count_failure', ...MACHINE },
      leaves: disabled,
      said: [],
    },
    {
      is: 'temp_disabled',
      given: lastTime,
      command: { type: 'send_failed', attempt: 0, ...MACHINE },
      leaves: disabled,
      said: [],
    },
    {
      is: 'temp_disabled',
      given: lastTime,
      command: { type: 'send', clusterId: 1, protocol: 'bin' },
      leaves: disabled,
      said: [],
    },
    {
      is: 'down',
      given: { state: 'down', noTries: 2 },
      command: { type: 'send_succeeded', attempt: 0, ...MACHINE },
      leaves: 'down no_tries=2 last_attempt=0',
      said: [],
    },
    {
      is: 'up',
      given: { noTries: 2 },
      command: { type: 'send_succeeded', attempt: 0, ...MACHINE },
      leaves: 'up no_tries=0 last_attempt=0 unsaved',
      said: ['row_changed'],
    },
    {
      is: 'up',
      given: { noTries: 2, failedAttempts: 3 },
      command: { type: 'count_failure', ...MACHINE },
      leaves: 'temp_disabled no_tries=3 last_attempt=1000001 enable_at=31000 unsaved',
      said: ['node_state 1/2 up -> temp_disabled (set_state)', 'row_changed'],
    },
    {
      is: 'up',
      given: {},
      command: { type: 'send', clusterId: 1, protocol: 'udp' },
      leaves: 'up no_tries=0 last_attempt=0',
      said: [],
    },
  ])('that is $is answers $command.type $command.status', ({ given, command, leaves, said }) => {
    const { apply, state } = engineWith(given);
    expect(apply(command).map(effectText)).toEqual(said);
    expect(state()).toBe(`1/2 ${leaves}`);
  });

  it('hands out its record as it was when it was tried', () => {
    const { apply } = engineWith({ noTries: 1 });
    const [effect] = apply({ type: 'send', clusterId: 1, protocol: 'bin' });
    apply({ type: 'send_succeeded', attempt: 0, ...MACHINE });
    expect(effect).toMatchObject({ type: 'send', machine: { noTries: 1, state: 'up' }, attempt: 0 });
  });
});
