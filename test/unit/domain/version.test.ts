import type { Machine } from '../../../src/domain/machine.js';
import { type Expected, type Unmet, unmet, versionOf } from '../../../src/domain/version.js';
import { loadedMachine } from '../../support/tables/rows.js';

const MACHINE: Machine = { ...loadedMachine(), lastAttempt: 0, enableAt: null };
const DRAIN = { reason: 'kernel', until: null, by: 'alice', since: 1, endsAt: null };

describe('the version of a machine', () => {
  test.each<{ changes: string; change: Partial<Machine> }>([
    { changes: 'row id', change: { clustererId: 900 } },
    { changes: 'url', change: { url: 'bin:10.0.1.9:5555' } },
    { changes: 'description', change: { description: 'sip' } },
    { changes: 'limit', change: { failedAttempts: 4 } },
    { changes: 'duration', change: { durationMs: 1 } },
    { changes: 'state', change: { state: 'down' } },
    { changes: 'drain', change: { drain: DRAIN } },
  ])('changes with the $changes', ({ change }) => {
    expect(versionOf({ ...MACHINE, ...change })).not.toBe(versionOf(MACHINE));
  });

  test.each<{ keeps: string; change: Partial<Machine> }>([
    { keeps: 'tries', change: { noTries: 2, lastAttempt: 7 } },
    { keeps: 'address', change: { ip: '::1', ips: ['::1'] } },
    { keeps: 'deadline', change: { enableAt: 7 } },
  ])('does not change with the $keeps', ({ change }) => {
    expect(versionOf({ ...MACHINE, ...change })).toBe(versionOf(MACHINE));
  });

  it('is the same 16 hex digits everywhere', () => {
    expect(versionOf(MACHINE)).toBe('3121569e2757286a');
  });

  it('differs between machines that differ in one character', () => {
    const versions = Array.from({ length: 2000 }, (_, i) => versionOf({ ...MACHINE, description: `${i}` }));
    expect(new Set(versions).size).toBe(2000);
  });
});

describe('an expectation', () => {
  const version = versionOf(MACHINE);

  test.each<{ expected: Expected; machine: Machine | null; fails: Unmet | null }>([
    { expected: { match: null, noneMatch: null }, machine: MACHINE, fails: null },
    { expected: { match: [version], noneMatch: null }, machine: MACHINE, fails: null },
    { expected: { match: ['other', version], noneMatch: null }, machine: MACHINE, fails: null },
    { expected: { match: ['other'], noneMatch: null }, machine: MACHINE, fails: 'match' },
    { expected: { match: '*', noneMatch: null }, machine: MACHINE, fails: null },
    { expected: { match: '*', noneMatch: null }, machine: null, fails: 'match' },
    { expected: { match: null, noneMatch: [version] }, machine: MACHINE, fails: 'none_match' },
    { expected: { match: null, noneMatch: ['other'] }, machine: MACHINE, fails: null },
    { expected: { match: null, noneMatch: '*' }, machine: MACHINE, fails: 'none_match' },
    { expected: { match: null, noneMatch: '*' }, machine: null, fails: null },
  ])('of $expected fails with $fails', ({ expected, machine, fails }) => {
    expect(unmet(expected, machine)).toBe(fails);
  });
});
