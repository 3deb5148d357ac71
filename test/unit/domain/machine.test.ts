import {
  clearTries,
  disable,
  enable,
  failAttempt,
  type Machine,
  secondsUntilEnabling,
} from '../../../src/domain/machine.js';
import { sameAddress } from '../../../src/domain/machine-comparison.js';
import { loadedMachine } from '../../support/tables/rows.js';

const NOW = { monotonicMs: 5000, unixMs: 1_700_000_000_999 };

function machine(given: Partial<Machine> = {}): Machine {
  return { ...loadedMachine(), lastAttempt: 0, enableAt: null, ...given };
}

describe('a failed attempt', () => {
  test.each([
    { failedAttempts: 3, noTries: 0, state: 'up', enableAt: null },
    { failedAttempts: 3, noTries: 1, state: 'up', enableAt: null },
    { failedAttempts: 3, noTries: 2, state: 'temp_disabled', enableAt: 35_000 },
    { failedAttempts: 3, noTries: 7, state: 'temp_disabled', enableAt: 35_000 },
    { failedAttempts: 1, noTries: 0, state: 'temp_disabled', enableAt: 35_000 },
    { failedAttempts: 0, noTries: 99, state: 'up', enableAt: null },
    { failedAttempts: -1, noTries: 99, state: 'up', enableAt: null },
  ])('after $noTries tries of $failedAttempts leaves the machine $state', (given) => {
    const { failedAttempts, noTries, state, enableAt } = given;
    const failed = failAttempt(machine({ failedAttempts, noTries }), NOW);
    expect(failed).toMatchObject({ state, enableAt, noTries: noTries + 1, lastAttempt: 1_700_000_000 });
  });

  it('disables for the duration of the row, even a long one', () => {
    const month = machine({ failedAttempts: 1, durationMs: 2_592_000_000 });
    expect(failAttempt(month, NOW).enableAt).toBe(2_592_005_000);
  });
});

describe('a success', () => {
  it('clears the tries', () => {
    expect(clearTries(machine({ noTries: 2, lastAttempt: 7 }))).toEqual(machine({ noTries: 0, lastAttempt: 7 }));
  });

  it('returns the same record if there are no tries', () => {
    const clear = machine();
    expect(clearTries(clear)).toBe(clear);
  });
});

describe('up and down', () => {
  const disabled = machine({ state: 'temp_disabled', noTries: 3, lastAttempt: 7, enableAt: 9000 });

  it('up clears the tries and keeps the last attempt', () => {
    expect(enable(disabled)).toEqual(machine({ state: 'up', noTries: 0, lastAttempt: 7 }));
  });

  it('down keeps both, and has no deadline', () => {
    expect(disable(disabled)).toEqual(machine({ state: 'down', noTries: 3, lastAttempt: 7 }));
  });
});

describe('the seconds until enabling', () => {
  test.each([
    { enableAt: null, seconds: 0 },
    { enableAt: 5001, seconds: 1 },
    { enableAt: 6000, seconds: 1 },
    { enableAt: 6001, seconds: 2 },
    { enableAt: 5000, seconds: 0 },
    { enableAt: 4000, seconds: 0 },
    { enableAt: 2_592_005_000, seconds: 2_592_000 },
  ])('are $seconds at 5000 with a deadline at $enableAt', ({ enableAt, seconds }) => {
    expect(secondsUntilEnabling(machine({ enableAt }), NOW)).toBe(seconds);
  });
});

describe('an address', () => {
  test.each([
    { change: { description: 'sip-2', failedAttempts: 9, durationMs: 1, url: 'BIN:10.0.1.2:5555' }, same: true },
    { change: { ip: null }, same: true },
    { change: { ip: '10.9.9.9' }, same: false },
    { change: { host: 'sip2.example' }, same: false },
    { change: { port: 6666 }, same: false },
    { change: { protocol: 'udp' }, same: false },
  ])('with $change is the same: $same', ({ change, same }) => {
    expect(sameAddress(machine(), machine(change))).toBe(same);
    expect(sameAddress(machine(change), machine())).toBe(same);
  });
});
