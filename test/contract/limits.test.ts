import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN_FAULTS } from '../../src/bin/in/fault-counts.js';
import { VARIABLES } from '../../src/config/variables.js';
import { TURNED_AWAY } from '../../src/limits/rejections.js';
import { CLOSES } from '../../src/wire/close-codes.js';

const PAGE = readFileSync(join(__dirname, '../../docs/limits.md'), 'utf8');

test('docs/limits.md names every variable with the default that it has', () => {
  const rows = [...PAGE.matchAll(/^\| `(CLUSTERER_\w+)`[^|]*\| `([^`]*)`/gm)].map(([, name, value]) => [name, value]);
  const defaults = new Map<string | undefined, string>(Object.values(VARIABLES).map((one) => [one.name, one.fallback]));
  expect(rows.length).toBeGreaterThan(20);
  expect(rows).toEqual(rows.map(([name]) => [name, defaults.get(name)]));
});

test('docs/limits.md names every reason that is counted, and no other', () => {
  const named = new Set(
    [...PAGE.matchAll(/`(bin|http|mi|ws)` `(\w+)`/g)].map(([, door, reason]) => `${door} ${reason}`),
  );
  const words = new Set([...named].map((one) => one.split(' ')[1]));
  const closes = Object.values(CLOSES).flatMap(({ rejection }) => rejection ?? []);
  const known = [...BIN_FAULTS, ...TURNED_AWAY, ...closes, ...OTHERS];
  expect([...words].sort()).toEqual([...new Set(known)].sort());
});

/** Counted where they happen, and no errors that anyone is answered. */
const OTHERS = ['frame_too_long', 'too_many_connections', 'too_many_from_source'];
