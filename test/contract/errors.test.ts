import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS } from '../../src/ground/errors.js';

const PAGE = readFileSync(join(__dirname, '..', '..', 'docs', 'errors.md'), 'utf8');

/** The cells of each row of the page's table. */
const rows = PAGE.split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

test('docs/errors.md lists every error with its status and title, and no other', () => {
  const documented = rows.map(([code = '', status, title]) => [code.replaceAll('`', ''), Number(status), title]);
  const known = Object.entries(ERRORS).map(([code, { status, title }]) => [code, status, title]);
  expect(documented).toEqual(known);
});

test('each row says what the error means and what to do', () => {
  for (const row of rows)
    expect([row[0], row.length, row.filter((cell) => cell === '').length]).toEqual([row[0], 5, 0]);
});
