import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { playScript } from '../support/engine/script-run.js';

const scripts = readdirSync(__dirname).filter((file) => /^(?!fleet-).*\.txt$/.test(file));

describe('the engine', () => {
  test.each(scripts)('does what %s says, line by line', (file) => {
    const script = readFileSync(join(__dirname, file), 'utf8');
    expect(playScript(script)).toBe(script);
  });
});
