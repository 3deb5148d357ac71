import type { Command, LoadedMachine } from '../../../src/domain/commands.js';
import { Engine } from '../../../src/domain/engine.js';
import { versionOf } from '../../../src/domain/version.js';
import { machineStateText } from '../../support/engine/engine-text.js';
import { loadedMachine } from '../../support/tables/rows.js';

const MACHINE = { clusterId: 1, machineId: 2 };
const FAILED: Command = { type: 'count_failure', ...MACHINE };
const DOWN: Command = { type: 'set_status', status: 'down', cause: 'operator', ...MACHINE };
const UP: Command = { ...DOWN, status: 'up' };

/** Machine 2 of cluster 1, whose row says only enabled or disabled. Every command comes 1 s after the one before. */
function start(given: Partial<LoadedMachine> = {}) {
  const engine = new Engine(0);
  let monotonicMs = 0;
  const run = (command: Command) => {
    engine.apply(command, { monotonicMs, unixMs: 1_000_000_000 + monotonicMs }, []);
    monotonicMs += 1000;
  };
  const load = (more: Partial<LoadedMachine> = {}, keepChanged = false) => {
    const machine = loadedMachine({ keepsAttempts: false, failedAttempts: 2, ...given, ...more });
    run({ type: 'load', machines: [machine], keepChanged });
  };
  load();
  const state = () => {
    const cell = engine.table.cell(1, 2);
    return cell === undefined ? 'gone' : machineStateText(cell, engine.sendSide.unsaved.has(cell)).replace('1/2 ', '');
  };
  return { run, load, state };
}

describe('a row that keeps no attempts (S12)', () => {
  it('is not written for tries and temporary disablings', () => {
    const { run, state } = start();

    run(FAILED);
    expect(state()).toBe('up no_tries=1 last_attempt=1000001');
    run(FAILED);
    expect(state()).toBe('temp_disabled no_tries=2 last_attempt=1000002 enable_at=32000');
  });

  it('is written for what an operator sets', () => {
    const { run, state } = start();

    run(DOWN);
    expect(state()).toBe('down no_tries=0 last_attempt=0 unsaved');
  });

  it('leaves tries and a temporary disabling to the memory when it is loaded again', () => {
    const { run, load, state } = start();
    run(FAILED);
    run(FAILED);
    load();

    expect(state()).toBe('temp_disabled no_tries=2 last_attempt=1000002 enable_at=32000');
  });

  it('wins over the memory where it says disabled or enabled', () => {
    const { run, load, state } = start();
    run(FAILED);
    load({ state: 'down' });
    expect(state()).toBe('down no_tries=0 last_attempt=0');
    load({ state: 'up' });
    expect(state()).toBe('up no_tries=0 last_attempt=0');
  });

  it('brings a machine up that an operator set down, unless that is not written yet', () => {
    const { run, load, state } = start();
    run(DOWN);
    load({}, true);
    expect(state()).toBe('down no_tries=0 last_attempt=0 unsaved');
    load();
    expect(state()).toBe('up no_tries=0 last_attempt=0');
    run(UP);
    expect(state()).toBe('up no_tries=0 last_attempt=0 unsaved');
  });

  it('ends a drain that is no longer stored', () => {
    const drain = { reason: 'kernel', until: null, by: null, since: 5 };
    const { load, state } = start({ drain, state: 'down' });
    expect(state()).toContain('down');
    load({ drain: null, state: 'up' });
    expect(state()).toBe('up no_tries=0 last_attempt=0');
  });
});

it('the version of a machine changes with its priority and SIP address', () => {
  const machine = { ...loadedMachine({ fleet: { priority: 50, sipAddress: null } }), lastAttempt: 0, enableAt: null };
  const versions = [
    machine,
    { ...machine, fleet: { priority: 51, sipAddress: null } },
    { ...machine, fleet: { priority: 50, sipAddress: '10.0.0.1' } },
    { ...machine, fleet: null },
  ].map(versionOf);

  expect(new Set(versions).size).toBe(4);
});
