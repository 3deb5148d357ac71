import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(__dirname, '../..');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** Some 3000 files are packed, and unpacked again. */
jest.setTimeout(300_000);

const folder = mkdtempSync(join(tmpdir(), 'clusterer-debian-'));
const root = join(folder, 'root');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Uncompressed: a compressed package takes a minute. */
function buildPackage(): string {
  const env = { ...process.env, DPKG_DEB_COMPRESSOR_TYPE: 'none' };
  execFileSync(join(ROOT, 'deploy/deb/build.sh'), [folder], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  return join(folder, readdirSync(folder).find((file) => file.endsWith('.deb')) ?? '');
}

/** dpkg in a root of its own, which has no other package. The package's scripts run in this system, with `DPKG_ROOT`. */
function dpkg(...args: string[]): void {
  const options = [`--root=${root}`, '--force-script-chrootless', '--force-depends'];
  execFileSync('dpkg', [...options, ...args], { stdio: 'ignore' });
}

function filesOf(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).filter(
    (file) => !statSync(join(path, file)).isDirectory(),
  );
}

const isInstalled = spawnSync('dpkg-deb', ['--version']).status === 0;
const isRoot = process.getuid?.() === 0;

(isInstalled && isRoot ? describe : describe.skip)('the Debian package (needs dpkg-deb and root)', () => {
  let file = '';
  beforeAll(() => {
    file = buildPackage();
    mkdirSync(join(root, 'var/lib/dpkg/info'), { recursive: true });
    mkdirSync(join(root, 'var/lib/dpkg/updates'));
    writeFileSync(join(root, 'var/lib/dpkg/status'), '');
    dpkg('--install', file);
  });

  it('says what it needs', () => {
    const fields = execFileSync('dpkg-deb', ['--field', file, 'Package', 'Version', 'Depends'], { encoding: 'utf8' });
    expect(fields).toBe(`Package: clusterer\nVersion: ${version}\nDepends: nodejs (>= 20.19), systemd\n`);
  });

  it('makes the user, and keeps the configuration from others', () => {
    expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).toMatch(/^clusterer:.*:\/var\/lib\/clusterer:.*nologin$/m);
    expect(statSync(join(root, 'etc/clusterer')).mode & 0o777).toBe(0o750);
    expect(statSync(join(root, 'etc/clusterer/clusterer.env')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(root, 'usr/lib/systemd/system/clusterer.service'))).toBe(true);
  });

  it('has a command line and a service that work', async () => {
    const program = join(root, 'usr/bin/clusterer');
    expect(execFileSync(program, ['--version'], { encoding: 'utf8' }).trim()).toBe(version);
    const shared = ['man/man1/clusterer.1.gz', 'doc/clusterer/docs/guides/alerts.md', 'doc/clusterer/docs/alerts.yaml'];
    expect(shared.filter((path) => !existsSync(join(root, 'usr/share', path)))).toEqual([]);
    const cwd = mkdtempSync(join(folder, 'data-'));
    const env = { PATH: process.env.PATH, CLUSTERER_HTTP_PORT: '0', CLUSTERER_BIN_PORT: '0' };
    const service = spawn(program, ['serve'], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(service, 'exit');
    let http = '';
    for await (const line of createInterface(service.stdout)) {
      const entry = JSON.parse(line);
      if (entry.msg !== 'listening') continue;
      http = entry.http;
      break;
    }
    for (const path of ['/readyz', '/', '/docs', '/openapi.yaml']) {
      expect([path, (await fetch(http + path)).status]).toEqual([path, 200]);
    }
    service.kill();
    expect(await ended).toEqual([0, null]);
  });

  it('leaves only data and other files of the operator after a purge', () => {
    writeFileSync(join(root, 'etc/clusterer/tokens'), '');
    dpkg('--purge', 'clusterer');
    const left = filesOf(root).filter((path) => !path.startsWith('var/lib/dpkg/'));
    expect(left.filter((path) => !/^etc\/(?:passwd|group|g?shadow|\.pwd\.lock)-?$/.test(path))).toEqual([
      'etc/clusterer/tokens',
    ]);
  });
});
