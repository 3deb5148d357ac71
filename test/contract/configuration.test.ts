import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLI_VARIABLES } from '../../src/config/cli-variables.js';
import { GROUPS, VARIABLES } from '../../src/config/variables.js';

const PAGE = readFileSync(join(__dirname, '../../docs/configuration.md'), 'utf8');

test('docs/configuration.md lists every variable under its heading, with default and meaning', () => {
  const sections = Object.entries(GROUPS).map(([heading, group]) => {
    const rows = Object.values(group).map(({ name, fallback, meaning }) => {
      return `| \`${name}\` | ${fallback === '' ? '' : `\`${fallback}\``} | ${meaning} |`;
    });
    return [`## ${heading}\n`, '| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
  });
  expect(PAGE.slice(PAGE.indexOf('## '))).toBe(`${sections.join('\n\n')}\n`);
});

test('the groups hold every variable once', () => {
  const names = Object.values(GROUPS).flatMap((group) => Object.values(group).map(({ name }) => name));
  expect(names.sort()).toEqual(
    Object.values(VARIABLES)
      .map(({ name }) => name)
      .sort(),
  );
});

test('docs/configuration.md names the variables of the command line', () => {
  for (const name of Object.values(CLI_VARIABLES)) expect(PAGE).toContain(`\`${name}\``);
});
