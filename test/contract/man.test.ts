import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../../src/cli/failure.js';
import { manPage } from '../../src/docgen/man.js';

const FILE = join(__dirname, '../../docs/clusterer.1');

describe('docs/clusterer.1', () => {
  it('is up to date with the command line; npm run openapi writes it', () => {
    expect(readFileSync(FILE, 'utf8')).toBe(manPage());
  });

  it('has every exit code', () => {
    for (const code of Object.values(EXIT)) expect(manPage()).toContain(`\n.B ${code}\n`);
  });

  const hasMan = process.env.CI === 'true' || spawnSync('man', ['--version']).status === 0;
  (hasMan ? it : it.skip)('is a page that man prints without a warning', () => {
    const env = { ...process.env, MANWIDTH: '100', LC_ALL: 'C.UTF-8', MANPAGER: 'cat' };
    const { stdout, stderr } = spawnSync('man', ['--warnings', '--local-file', FILE], { encoding: 'utf8', env });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^ +drain \[options\] <cluster> <machines>$/m);
    expect(stdout).toMatch(/^ +-r, --reason <text>$/m);
    expect(stdout).toContain('status … up ends the drain.');
  });
});
