import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const FILES = join(ROOT, 'deploy/systemd');
const UNIT = readFileSync(join(FILES, 'clusterer.service'), 'utf8');
/** Of 100: systemd-analyze calls up to 25 "OK", and a service without restrictions has 96. */
const MOST_EXPOSURE = 20;

const folder = mkdtempSync(join(tmpdir(), 'clusterer-systemd-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ifInstalled = spawnSync('systemd-analyze', ['--version']).status === 0 ? describe : describe.skip;
const isRoot = process.getuid?.() === 0;

ifInstalled('the systemd unit (needs systemd-analyze)', () => {
  /** With the program and the server of this checkout, since systemd-analyze checks that they exist. */
  const unit = join(folder, 'clusterer.service');
  const exec = `ExecStart=${process.execPath} ${join(ROOT, 'dist/server.js')}`;
  writeFileSync(unit, UNIT.replace('ExecStart=/usr/bin/node /usr/lib/clusterer/dist/server.js', exec));

  it('is valid', () => {
    expect(readFileSync(unit, 'utf8')).toContain(exec);
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
    expect([status, stderr.split('\n').filter((line) => line.includes('clusterer'))]).toEqual([0, []]);
  });

  it('exposes little to a service that was taken over', () => {
    const options = ['security', '--offline=true', '--no-pager', `--threshold=${MOST_EXPOSURE}`, unit];
    const { status, stdout } = spawnSync('systemd-analyze', options, { encoding: 'utf8' });
    expect([status, stdout.split('\n').find((line) => line.includes('Overall'))]).toEqual([0, expect.any(String)]);
  });

  (isRoot ? it : it.skip)('has its user and its folder (needs root)', () => {
    const root = join(folder, 'root');
    mkdirSync(join(root, 'etc'), { recursive: true });
    execFileSync('systemd-sysusers', [`--root=${root}`, join(FILES, 'sysusers.conf')], { stdio: 'ignore' });
    const [, uid, gid] = /^clusterer:x:(\d+):(\d+):/m.exec(readFileSync(join(root, 'etc/passwd'), 'utf8')) ?? [];
    expect(UNIT).toMatch(/^User=clusterer$/m);
    expect(uid).toMatch(/^[1-9]/);
    execFileSync('systemd-tmpfiles', ['--create', `--root=${root}`, join(FILES, 'tmpfiles.conf')]);
    const { mode, uid: owner, gid: group } = statSync(join(root, 'etc/clusterer'));
    expect([(mode & 0o777).toString(8), owner, group]).toEqual(['750', 0, Number(gid)]);
  });
});

it('the unit names the files of the installation', () => {
  expect(UNIT).toMatch(/^EnvironmentFile=-\/etc\/clusterer\/clusterer\.env$/m);
  expect(UNIT).toMatch(/^WorkingDirectory=\/var\/lib\/clusterer$/m);
  const [, document = ''] = /^Documentation=file:\/\/\/usr\/share\/doc\/clusterer\/(.*)$/m.exec(UNIT) ?? [];
  expect([document, existsSync(join(ROOT, document))]).toEqual(['docs/operations.md', true]);
});

it('the configuration to start from has only variables that exist, all in comments', () => {
  const lines = readFileSync(join(FILES, 'clusterer.env'), 'utf8').split('\n');
  const documented = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8');
  const names = lines.flatMap((line) => /^#(CLUSTERER_\w+)=/.exec(line)?.slice(1) ?? []);
  expect(names).toContain('CLUSTERER_DB_URL');
  expect(names.filter((name) => !documented.includes(`| \`${name}\` |`))).toEqual([]);
  expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
});
