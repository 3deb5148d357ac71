import type { LoadedMachine } from '../../../src/domain/commands.js';
import { firstLoaded, reloaded } from '../../../src/domain/loaded-machine.js';
import type { Machine } from '../../../src/domain/machine.js';
import { loadedMachine } from '../../support/tables/rows.js';

/** 1,700,000,000 Unix seconds, 5 seconds after the start. */
const NOW = { monotonicMs: 5000, unixMs: 1_700_000_000_000 };

describe('a row that is new in memory', () => {
  test.each([
    { shows: 'the rest of a disabling', lastAttempt: 1_699_999_990, enableAt: 25_000 },
    { shows: 'the whole duration if the last attempt is in the future', lastAttempt: 1_700_000_500, enableAt: 35_000 },
  ])('has $shows', ({ lastAttempt, enableAt }) => {
    const row = loadedMachine({ state: 'temp_disabled', noTries: 3, lastAttempt });
    expect(firstLoaded(row, NOW)).toEqual({ ...row, enableAt });
  });

  test.each([
    { when: 'long ago', lastAttempt: 1_600_000_000 },
    { when: 'just now', lastAttempt: 1_699_999_970 },
  ])('is up if its disabling ended $when', ({ lastAttempt }) => {
    const row = loadedMachine({ state: 'temp_disabled', noTries: 3, lastAttempt });
    expect(firstLoaded(row, NOW)).toEqual({ ...row, state: 'up', noTries: 0, enableAt: null });
  });

  it('takes a last attempt that is not plausible as now', () => {
    const row = loadedMachine({ state: 'temp_disabled', noTries: 3, lastAttempt: null });
    expect(firstLoaded(row, NOW)).toEqual({ ...row, lastAttempt: 1_700_000_000, enableAt: 35_000 });
    const up = loadedMachine({ lastAttempt: null });
    expect(firstLoaded(up, NOW)).toEqual({ ...up, lastAttempt: 1_700_000_000, enableAt: null });
  });

  test.each(['up', 'down'] as const)('has no deadline when it is %s', (state) => {
    const row = loadedMachine({ state, noTries: 2, lastAttempt: 1_699_999_990 });
    expect(firstLoaded(row, NOW)).toEqual({ ...row, lastAttempt: 1_699_999_990, enableAt: null });
  });
});

describe('a row that is in memory', () => {
  const up: Machine = { ...loadedMachine(), noTries: 1, lastAttempt: 1_699_999_000, enableAt: null };
  const disabled: Machine = { ...up, state: 'temp_disabled', noTries: 3, lastAttempt: 1_699_999_990, enableAt: 25_000 };
  const anyTime = { monotonicMs: 5000, unixMs: 4_000_000_000_000 };
  const rowOf = (given: Partial<LoadedMachine>) =>
    loadedMachine({ state: 'temp_disabled', noTries: 3, lastAttempt: 1_699_999_990, ...given });

  it('keeps state, tries and last attempt if the memory wins', () => {
    const row = rowOf({ state: 'down', noTries: 0, lastAttempt: 0, description: 'sip-2' });
    expect(reloaded(disabled, row, true, NOW)).toEqual({ ...disabled, description: 'sip-2' });
  });

  it('takes them from the table otherwise', () => {
    const row = rowOf({ state: 'down', noTries: 2, lastAttempt: 7 });
    const taken = reloaded(disabled, row, false, NOW);
    expect(taken).toMatchObject({ state: 'down', noTries: 2, lastAttempt: 7, enableAt: null });
  });

  it('keeps the deadline of the same disabling, whatever the wall clock', () => {
    expect(reloaded(disabled, rowOf({}), false, anyTime)).toEqual(disabled);
    expect(reloaded(disabled, rowOf({ lastAttempt: null }), false, anyTime)).toEqual(disabled);
    expect(reloaded(disabled, rowOf({ noTries: 9 }), false, anyTime)).toEqual({ ...disabled, noTries: 9 });
  });

  it('counts another disabling from its own last attempt', () => {
    const row = rowOf({ lastAttempt: 1_699_999_995 });
    expect(reloaded(disabled, row, false, NOW)).toMatchObject({ lastAttempt: 1_699_999_995, enableAt: 30_000 });
    expect(reloaded(up, row, false, NOW)).toMatchObject({ state: 'temp_disabled', enableAt: 30_000 });
  });

  it('counts a new duration from the start of the disabling', () => {
    expect(reloaded(disabled, rowOf({ durationMs: 60_000 }), false, NOW).enableAt).toBe(55_000);
    expect(reloaded(disabled, rowOf({ durationMs: 60_000 }), true, NOW).enableAt).toBe(55_000);
    expect(reloaded(disabled, rowOf({ durationMs: 1000 }), false, NOW).enableAt).toBe(5000);
  });

  it('keeps its last attempt if the one in the table is not plausible', () => {
    const row = rowOf({ state: 'up', noTries: 0, lastAttempt: null });
    expect(reloaded(up, row, false, NOW)).toEqual({ ...up, noTries: 0 });
  });

  test.each([true, false])('starts again at another address, whether the memory wins (%s)', (keepState) => {
    const elsewhere = { host: '10.0.1.77', ip: '10.0.1.77' };
    const enabled = reloaded(disabled, rowOf(elsewhere), keepState, NOW);
    expect(enabled).toMatchObject({ state: 'up', noTries: 0, lastAttempt: 1_699_999_990, enableAt: null });
    const cleared = reloaded(up, rowOf({ ...elsewhere, state: 'up' }), keepState, NOW);
    expect(cleared).toMatchObject({ state: 'up', noTries: 0 });
    const down: Machine = { ...disabled, state: 'down', enableAt: null };
    const row = rowOf({ ...elsewhere, state: 'down' });
    expect(reloaded(down, row, keepState, NOW)).toMatchObject({ state: 'down', noTries: 0 });
  });

  it('has the objects that it had, if they are equal, so that a reload does not count it as changed', () => {
    const before: Machine = { ...up, ips: ['10.0.1.2'], fleet: { priority: 50, sipAddress: null } };
    const row = rowOf({ state: 'up', ips: ['10.0.1.2'], fleet: { priority: 50, sipAddress: null } });

    const same = reloaded(before, row, true, NOW);
    expect(same.fleet).toBe(before.fleet);
    expect(same.ips).toBe(before.ips);
    const other = { priority: 40, sipAddress: null };
    expect(reloaded(before, { ...row, fleet: other }, true, NOW).fleet).toBe(other);
  });
});
