import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { certificate } from '../fixtures/certificates.js';
import { DATABASES } from '../integration/store-databases.js';
import { endProcessesAfterEach, ServiceProcess } from '../support/service/service-process.js';

endProcessesAfterEach();
jest.setTimeout(60_000);

const ROOT = join(__dirname, '../..');
const { version, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const MEBIBYTE = 2 ** 20;

/** As the Dockerfile makes it. */
const image = mkdtempSync(join(tmpdir(), 'clusterer-image-'));
beforeAll(() => {
  execFileSync(join(ROOT, 'deploy/assemble.sh'), [image]);
  mkdirSync(join(image, 'data'));
});
afterAll(() => rmSync(image, { recursive: true }));

/** Runs the service of the image where it can write to `data` only, as with `read_only` of Compose. */
const READ_ONLY = 'mount -o remount,bind,ro /; mount -t tmpfs none "$0/data"; cd "$0"; exec "$1" dist/server.js';
const starter = ['unshare', '-rm', 'sh', '-euc', READ_ONLY, image, process.execPath];
const canMount = spawnSync('unshare', ['-rm', 'mount', '-o', 'remount,bind,ro', '/']).status === 0;

describe('the files of the image', () => {
  it('have every module that the service loads, and nothing that only a build needs', async () => {
    // Its main file loads a generated client, and ours are in dist.
    // TypeBox is in dist too; of its provider for Fastify only the types are used.
    const names = Object.keys(dependencies)
      .filter((name) => !name.endsWith('typebox'))
      .map((name) => name.replace(/^@prisma\/client$/, '$&/runtime/client'));
    const program = `for (const name of ${JSON.stringify(names)}) await import(name);`;
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { cwd: image });

    const files = readdirSync(image, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /^node_modules\/(prisma|typescript|jest|esbuild)$/.test(file))).toEqual([]);
    expect(files.filter((file) => /\.(map|[cm]?ts|tsbuildinfo)$/.test(file) && file.includes('node_modules'))).toEqual(
      [],
    );
    const sizes = files.filter((file) => file.startsWith('node_modules')).map((file) => statSync(join(image, file)));
    const total = sizes.reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
    // 25 MiB: docs/dependencies.md has the parts.
    expect(total).toBeLessThan(30 * MEBIBYTE);
  });

  it('have an SBOM in CycloneDX of exactly these modules, each with its licence and its hash', () => {
    const sbom = JSON.parse(readFileSync(join(image, 'sbom.cdx.json'), 'utf8'));
    expect(sbom).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { name: 'clusterer', version } } });
    const isModule = /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@]+\/package\.json$/;
    const files = readdirSync(image, { recursive: true, encoding: 'utf8' }).filter((file) => isModule.test(file));
    const installed = files.map((file) => JSON.parse(readFileSync(join(image, file), 'utf8')));
    const names = (modules: { name: string; version: string }[]) =>
      [...new Set(modules.map((module) => `${module.name} ${module.version}`))].sort();
    expect(names(sbom.components)).toEqual(names(installed));
    const bare = sbom.components.filter(({ licenses = [], hashes = [] }) => licenses.length * hashes.length === 0);
    expect(names(bare)).toEqual([]);
  });

  for (const database of DATABASES) {
    const test = database.reachable && canMount ? it : it.skip;

    test(`serve ${database.name} over TLS with a read-only file system, and pass the health check`, async () => {
      const scratch = await database.create();
      const environment = {
        ...(database.name !== 'SQLite' && { CLUSTERER_DB_URL: scratch.url }),
        CLUSTERER_TLS_CERT: certificate('service.crt'),
        CLUSTERER_TLS_KEY: certificate('service.key'),
      };
      const service = new ServiceProcess(environment, undefined, starter);
      const line = await service.logLine({ msg: 'listening' });
      expect(line).toMatchObject({ version, http: expect.stringMatching(/^https:/) });

      const port = new URL(String(line.http)).port;
      const env = { PATH: process.env.PATH, ...environment, CLUSTERER_HTTP_PORT: port };
      const check = (path: string) =>
        promisify(execFile)(process.execPath, ['dist/process/health-check.js', path], { cwd: image, env });
      await check('/readyz');
      await expect(check('/no-such-path')).rejects.toMatchObject({ code: 1 });

      service.child.kill();
      expect(await service.exited).toBe(0);
      await scratch.drop();
    });
  }
});
