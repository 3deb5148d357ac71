import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { playFleetScript } from '../support/fleet/script-run.js';

const scripts = readdirSync(__dirname).filter((file) => /^fleet-.*\.txt$/.test(file));

describe('a fleet', () => {
  test.each(scripts)('does what %s says, line by line', (file) => {
    const script = readFileSync(join(__dirname, file), 'utf8');
    expect(playFleetScript(script)).toBe(script);
  });
});
