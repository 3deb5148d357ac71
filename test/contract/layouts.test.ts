import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { layoutsPage } from '../../src/docgen/layouts.js';

test('docs/layouts.md is up to date with the tables; npm run openapi writes it', () => {
  expect(readFileSync(join(__dirname, '../../docs/layouts.md'), 'utf8')).toBe(layoutsPage());
});
