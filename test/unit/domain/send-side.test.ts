import type { Command, LoadedMachine } from '../../../src/domain/commands.js';
import { Engine } from '../../../src/domain/engine.js';
import type { Machine } from '../../../src/domain/machine.js';
import { type Expected, type Unmet, versionOf } from '../../../src/domain/version.js';
import { effectTexts } from '../../support/engine/apply.js';
import { machineStateText } from '../../support/engine/engine-text.js';
import { loadedMachine } from '../../support/tables/rows.js';

/** When commands apply. */
const LATER = { monotonicMs: 1000, unixMs: 1_000_001_000 };
const MACHINE = { clusterId: 1, machineId: 2 };

/** An engine with machine 2 of cluster 1, loaded at 1,000,000 Unix seconds. Commands apply 1 s later. */
function engineWith(given: Partial<LoadedMachine>) {
  const engine = new Engine(0);
  const machines = [loadedMachine(given)];
  engine.apply({ type: 'load', machines, keepChanged: false }, { monotonicMs: 0, unixMs: 1_000_000_000 }, []);
  const state = () => {
    const cell = engine.table.cell(1, 2);
    return cell === undefined ? 'gone' : machineStateText(cell, engine.sendSide.unsaved.has(cell));
  };
  return { engine, state };
}

const lastTime = { state: 'temp_disabled', noTries: 3, lastAttempt: 999_999, durationMs: 30_000 } as const;
const disabled = 'temp_disabled no_tries=3 last_attempt=999999 enable_at=29000';

describe('a machine', () => {
  test.each<{ is: string; given: Partial<LoadedMachine>; command: Command; leaves: string; effects: string[] }>([
    {
      is: 'up',
      given: { noTries: 1 },
      command: { type: 'set_status', status: 'up', cause: 'operator', ...MACHINE },
      leaves: 'up no_tries=0 last_attempt=0 unsaved',
      effects: ['row_changed'],
    },
    {
      is: 'up',
      given: {},
      command: { type: 'set_status', status: 'down', cause: 'set_state', ...MACHINE },
      leaves: 'down no_tries=0 last_attempt=0 unsaved',
      effects: ['node_state 1/2 up -> down (set_state)', 'row_changed'],
    },
    {
      is: 'temp_disabled',
      given: lastTime,
      command: { type: 'set_status', status: 'up', cause: 'operator', ...MACHINE },
      leaves: 'up no_tries=0 last_attempt=999999 unsaved',
      effects: ['node_state 1/2 temp_disabled -> up (operator)', 'row_changed'],
    },
    {
      is: 'temp_disabled',
      given: lastTime,
      command: { type: 'set_status', status: 'down', cause: 'operator', ...MACHINE },
      leaves: 'down no_tries=3 last_attempt=999999 unsaved',
      effects: ['node_state 1/2 temp_disabled -> down (operator)', 'row_changed'],
    },
    {
      is: 'temp_disabled',
      given: lastTime,
      command: { type: 'count_failure', ...MACHINE },
      leaves: disabled,
      effects: [],
    },
    {
      is: 'temp_disabled',
      given: lastTime,
      command: { type: 'send_failed', attempt: 0, ...MACHINE },
      leaves: disabled,
      effects: [],
    },
    {
      is: 'temp_disabled',
      given: lastTime,
      command: { type: 'send', clusterId: 1, protocol: 'bin' },
      leaves: disabled,
      effects: [],
    },
    {
      is: 'down',
      given: { state: 'down', noTries: 2 },
      command: { type: 'send_succeeded', attempt: 0, ...MACHINE },
      leaves: 'down no_tries=2 last_attempt=0',
      effects: [],
    },
    {
      is: 'up',
      given: { noTries: 2 },
      command: { type: 'send_succeeded', attempt: 0, ...MACHINE },
      leaves: 'up no_tries=0 last_attempt=0 unsaved',
      effects: ['row_changed'],
    },
    {
      is: 'up',
      given: { noTries: 2, failedAttempts: 3 },
      command: { type: 'count_failure', ...MACHINE },
      leaves: 'temp_disabled no_tries=3 last_attempt=1000001 enable_at=31000 unsaved',
      effects: ['node_state 1/2 up -> temp_disabled (set_state)', 'row_changed'],
    },
    {
      is: 'up',
      given: {},
      command: { type: 'send', clusterId: 1, protocol: 'udp' },
      leaves: 'up no_tries=0 last_attempt=0',
      effects: [],
    },
  ])('that is $is handles $command.type $command.status', ({ given, command, leaves, effects }) => {
    const { engine, state } = engineWith(given);
    expect(effectTexts(engine, command, LATER)).toEqual(effects);
    expect(state()).toBe(`1/2 ${leaves}`);
  });

  it('is returned as it was when the attempt began', () => {
    const { engine } = engineWith({ noTries: 1 });
    const [attempt] = engine.apply({ type: 'send', clusterId: 1, protocol: 'bin' }, LATER, []);
    engine.apply({ type: 'send_succeeded', attempt: 0, ...MACHINE }, LATER, []);
    expect(attempt).toMatchObject({ machine: { noTries: 1, state: 'up' }, attempt: 0 });
  });

  test.each<{ expects: string; expected: Expected; unmet: Unmet | null }>([
    { expects: 'any version', expected: { match: '*', noneMatch: null }, unmet: null },
    { expects: 'another version', expected: { match: ['another'], noneMatch: null }, unmet: 'match' },
    { expects: 'no version', expected: { match: null, noneMatch: '*' }, unmet: 'none_match' },
    { expects: 'not another version', expected: { match: null, noneMatch: ['another'] }, unmet: null },
  ])('that is up is set down by a caller that expects $expects: $unmet', ({ expected, unmet }) => {
    const { engine, state } = engineWith({});
    const command = { type: 'set_status', status: 'down', cause: 'operator', ...MACHINE, expected } as const;
    expect(engine.apply(command, LATER, [])).toBe(unmet);
    expect(state()).toBe(
      `1/2 ${unmet === null ? 'down' : 'up'} no_tries=0 last_attempt=0${unmet === null ? ' unsaved' : ''}`,
    );
  });

  it('whose duration has passed is compared as it is then: up', () => {
    const { engine } = engineWith({ ...lastTime, durationMs: 1500 });
    const version = () => versionOf(engine.table.cell(1, 2)?.machine as Machine);
    const before = version();
    const command = { type: 'count_failure', ...MACHINE, expected: { match: [before], noneMatch: null } } as const;
    expect(engine.apply(command, LATER, [])).toBe('match');
    expect(version()).not.toBe(before);
  });
});
