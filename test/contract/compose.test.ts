import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { readConfig, unknownVariables } from '../../src/config/variables.js';
import { certificate } from '../fixtures/certificates.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
jest.setTimeout(30_000);

const ROOT = join(__dirname, '../..');

interface Service {
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly environment: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly restart?: string;
  readonly volumes?: readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}

const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')) as {
  readonly services: { readonly clusterer: Service; readonly database: Service };
  readonly volumes: Readonly<Record<string, unknown>>;
};
const { clusterer, database } = compose.services;
const dockerfile = readFileSync(join(ROOT, '.docker/Dockerfile'), 'utf8');

/** Replaces `${NAME:-default}` and `${NAME:?why}` as Compose does. */
function filledIn(environment: Readonly<Record<string, string>>, set: Readonly<Record<string, string>>) {
  const fill = (text: string) =>
    text.replaceAll(/\$\{(\w+):([-?])([^}]*)\}/g, (_all, name: string, kind: string, rest: string) => {
      const value = set[name] ?? (kind === '-' ? rest : undefined);
      if (value === undefined) throw new Error(`${name}: ${rest}`);
      return value;
    });
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, fill(value)]));
}

const TOKENS = `me:operate:${'0'.repeat(64)}`;

describe('docker-compose.yml', () => {
  it('has a configuration that the service accepts', () => {
    const inside = { CLUSTERER_HTTP_HOST: '0.0.0.0', CLUSTERER_BIN_HOST: '0.0.0.0' };
    for (const [name, value] of Object.entries(inside)) expect(dockerfile).toContain(`${name}=${value}`);
    const environment = { ...inside, ...filledIn(clusterer.environment, { CLUSTERER_TOKENS: TOKENS }) };
    expect(unknownVariables(environment)).toEqual([]);
    const config = readConfig(environment);
    expect(config.dbUrl).toBe('postgres://clusterer:clusterer@database:5432/clusterer');
    expect([config.httpPort, config.binPort]).toEqual([8080, 5555]);
  });

  it('does not start without tokens', () => {
    expect(() => filledIn(clusterer.environment, {})).toThrow(/^CLUSTERER_TOKENS: Set it to name:role:sha256/);
  });

  it('waits for a healthy database, and restarts both', () => {
    expect(clusterer.depends_on).toEqual({ database: { condition: 'service_healthy' } });
    expect(database.healthcheck?.test.join(' ')).toContain('pg_isready');
    expect(clusterer.healthcheck?.test.join(' ')).toContain('/readyz');
    expect([clusterer.restart, database.restart]).toEqual(['unless-stopped', 'unless-stopped']);
  });

  it('gives the service no rights: the user of the image, a read-only file system, no capabilities', () => {
    const { user, read_only, cap_drop, security_opt } = clusterer;
    expect(dockerfile).toContain(`\nUSER ${user}\n`);
    expect({ read_only, cap_drop, security_opt }).toEqual({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });

  it('keeps data in declared volumes, and builds from an existing Dockerfile', () => {
    const named = database.volumes?.map((volume) => volume.split(':')[0]);
    expect(named).toEqual(Object.keys(compose.volumes));
    expect(existsSync(join(ROOT, clusterer.build?.context ?? '', clusterer.build?.dockerfile ?? ''))).toBe(true);
  });
});

describe('the health check', () => {
  const [, image = '[]'] = /^HEALTHCHECK [\s\S]*?CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  const [, ...ofCompose] = clusterer.healthcheck?.test ?? [];

  it('is the same in the image and in docker-compose.yml', () => {
    expect(ofCompose).toEqual(JSON.parse(image));
  });

  it.each([
    ['over HTTP', {}],
    ['over TLS', { CLUSTERER_TLS_CERT: certificate('service.crt'), CLUSTERER_TLS_KEY: certificate('service.key') }],
    ['on a specific address', { CLUSTERER_HTTP_HOST: '127.0.0.2' }],
  ])('succeeds %s while the service runs, and fails afterwards', async (_, environment) => {
    const [command = '', ...args] = ofCompose;
    const service = await startService({ CLUSTERER_TOKENS: TOKENS, ...environment });
    const { port } = new URL(service.httpUrl);
    const check = () => {
      const own = { PATH: process.env.PATH ?? '', CLUSTERER_HTTP_HOST: '0.0.0.0', CLUSTERER_HTTP_PORT: port };
      const env = { ...own, CLUSTERER_TOKENS: TOKENS, ...environment };
      return promisify(execFile)(command, args, { cwd: ROOT, env });
    };
    await check();
    await service.stop();
    await expect(check()).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('ECONNREFUSED') });
  });
});

it('the image has a supported Node, that of its build, and runs nothing while it is put together', () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const [, build] = /^FROM node:(\d+)-\S+ AS build$/m.exec(dockerfile) ?? [];
  const [, last = '', release] = /^FROM (gcr\.io\/distroless\/nodejs(\d+)-\S+\n[\s\S]*)/m.exec(dockerfile) ?? [];
  expect([build, engines.node]).toEqual([release, expect.stringContaining(`^${release}.`)]);
  // Distroless has no shell.
  expect(last).not.toMatch(/^(?:FROM|RUN|SHELL) /m);
  expect(last.match(/^(?:CMD|ENTRYPOINT|USER|HEALTHCHECK).*$/gm)).toEqual([
    'USER 1000:1000',
    expect.stringMatching(/^HEALTHCHECK /),
    'ENTRYPOINT []',
    'CMD ["node", "dist/server.js"]',
  ]);
});

it('the image copies exactly what .dockerignore does not exclude', () => {
  const letThrough = readFileSync(join(ROOT, '.dockerignore'), 'utf8').match(/(?<=^!).+/gm) ?? [];
  const fromContext = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = '']) =>
    files.split(' '),
  );
  expect([...new Set(fromContext)].sort()).toEqual([...letThrough].sort());
});
