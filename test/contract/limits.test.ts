import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN_FAULTS } from '../../src/bin/in/fault-counts.js';
import { VARIABLES } from '../../src/config/variables.js';
import { REJECTION_REASONS } from '../../src/limits/rejection-counts.js';
import { CLOSES } from '../../src/wire/close-codes.js';

const PAGE = readFileSync(join(__dirname, '../../docs/limits.md'), 'utf8');

test('docs/limits.md gives every variable its default', () => {
  const rows = [...PAGE.matchAll(/^\| `(CLUSTERER_\w+)`[^|]*\| `([^`]*)`/gm)].map(([, name, value]) => [name, value]);
  const defaults = new Map<string | undefined, string>(Object.values(VARIABLES).map((one) => [one.name, one.fallback]));
  expect(rows.length).toBeGreaterThan(20);
  expect(rows).toEqual(rows.map(([name]) => [name, defaults.get(name)]));
});

test('docs/limits.md names every reason of a rejection, and no other', () => {
  const named = [...PAGE.matchAll(/`(?:bin|http|mi|ws)` `(\w+)`/g)].map(([, reason]) => reason);
  expect([...new Set(named)].sort()).toEqual([...REJECTION_REASONS].sort());
});

test('the reasons include every fault on BIN and every close that is a rejection', () => {
  const closes = Object.values(CLOSES).flatMap(({ rejection }) => rejection ?? []);
  expect(REJECTION_REASONS).toEqual(expect.arrayContaining([...BIN_FAULTS, ...closes]));
  expect(new Set(REJECTION_REASONS).size).toBe(REJECTION_REASONS.length);
});
