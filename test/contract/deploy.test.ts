import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, parseAllDocuments } from 'yaml';
import { type Config, readConfig, unknownVariables } from '../../src/config/variables.js';

jest.setTimeout(30_000);

const ROOT = join(__dirname, '../..');
const DEPLOY = join(ROOT, 'deploy');
const read = (file: string) => readFileSync(join(DEPLOY, file), 'utf8');
const run = promisify(execFile);

const TOKENS = `me:operate:${'0'.repeat(64)}`;
/** As the image sets them. */
const IN_IMAGE = { CLUSTERER_HTTP_HOST: '0.0.0.0', CLUSTERER_BIN_HOST: '0.0.0.0' };

const { paths } = parse(readFileSync(join(ROOT, 'openapi.yaml'), 'utf8')) as { readonly paths: object };

/** The configuration of a replica. @throws ConfigError */
function configOf(environment: Readonly<Record<string, string>>): Config {
  expect(unknownVariables(environment)).toEqual([]);
  return readConfig({ ...IN_IMAGE, ...environment });
}

/** The path of a program; null: not installed. */
function installed(program: string): string | null {
  return ['/usr/sbin', '/usr/bin', '/usr/local/bin'].map((folder) => join(folder, program)).find(existsSync) ?? null;
}

/** Runs a test with a program. Without the program the test is skipped and its name says so; with CI=true it fails. */
function itWith(program: string, name: string, test: (path: string) => Promise<void>): void {
  const path = installed(program);
  const without = `${name} (${program} is not installed)`;
  if (path !== null) it(name, () => test(path));
  else if (process.env.CI === 'true') it(without, () => Promise.reject(new Error(`install ${program}`)));
  else it.skip(without, () => undefined);
}

/** Of `nobody` and `nogroup` in Debian. */
const NOBODY = 65_534;

describe('deploy/docker-compose.replicas.yml', () => {
  interface Service {
    readonly environment?: Readonly<Record<string, string>>;
    readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
    readonly healthcheck?: object;
    readonly build?: { readonly context: string; readonly dockerfile: string };
    readonly volumes?: readonly string[];
    readonly command?: readonly string[];
  }
  const { services, volumes } = parse(read('docker-compose.replicas.yml'), { merge: true }) as {
    readonly services: Readonly<Record<string, Service>>;
    readonly volumes: object;
  };
  const named = (prefix: string) => Object.keys(services).filter((name) => name.startsWith(prefix));
  const filled = (text: string) =>
    text.replaceAll(/\$\{(\w+):[-?]([^}]*)\}/g, (_all, name, rest) => (name === 'CLUSTERER_TOKENS' ? TOKENS : rest));

  it('has three replicas on three NATS servers, with a configuration that the service accepts', () => {
    expect([named('hub-').length, named('nats-').length]).toEqual([3, 3]);
    for (const hub of named('hub-')) {
      const entries = Object.entries(services[hub]?.environment ?? {});
      const config = configOf(Object.fromEntries(entries.map(([name, text]) => [name, filled(text)])));
      expect(config.natsServers).toEqual(named('nats-').map((name) => `nats://${name}:4222`));
      expect([config.natsReplicas, config.httpPort, config.binPort]).toEqual([3, 8080, 5555]);
    }
  });

  it('gives replicas no rights: not root, a read-only file system, no capabilities', () => {
    const rights = { user: '1000:1000', read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] };
    for (const hub of named('hub-')) expect(services[hub]).toMatchObject(rights);
  });

  it('starts replicas when NATS and the database are healthy', () => {
    for (const hub of named('hub-')) {
      const needed = Object.entries(services[hub]?.depends_on ?? {});
      expect(needed.map(([name]) => name).sort()).toEqual(['database', ...named('nats-')]);
      for (const [name, { condition }] of needed) {
        expect([name, condition, typeof services[name]?.healthcheck]).toEqual([name, 'service_healthy', 'object']);
      }
    }
  });

  it('mounts existing files, and volumes that it declares', () => {
    const mounts = Object.values(services).flatMap(({ volumes: mounted = [] }) =>
      mounted.map((one) => one.split(':')[0] ?? ''),
    );
    const files = mounts.filter((mount) => mount.startsWith('./'));
    expect(new Set(files)).toEqual(new Set(['./haproxy.cfg', './nats.conf']));
    expect(files.filter((file) => !existsSync(join(DEPLOY, file)))).toEqual([]);
    expect(mounts.filter((mount) => !mount.startsWith('./')).sort()).toEqual(Object.keys(volumes).sort());
    const { context = '', dockerfile = '' } = services['hub-1']?.build ?? {};
    expect(existsSync(join(DEPLOY, context, dockerfile))).toBe(true);
  });

  it('gives each NATS server its own name, and all routes', () => {
    expect(named('nats-').map((name) => services[name]?.command?.[0])).toEqual(
      named('nats-').map((name) => `--name=${name}`),
    );
    const routes = [...read('nats.conf').matchAll(/nats:\/\/(nats-\d):6222/g)].map(([, name]) => name);
    expect(routes).toEqual(named('nats-'));
  });

  itWith('nats-server', 'has a configuration that nats-server accepts', async (path) => {
    const { stderr } = await run(path, ['-t', '-c', join(DEPLOY, 'nats.conf')]);
    expect(stderr).toContain('is valid');
  });
});

describe('deploy/haproxy.cfg', () => {
  const text = read('haproxy.cfg');

  it('checks routes that exist, HTTP for readiness and BIN for the leader', () => {
    const checks = [...text.matchAll(/^backend (\w+)\n[\s\S]*?option httpchk GET (\S+)$/gm)].map(
      ([, ...found]) => found,
    );
    expect(checks).toEqual([
      ['ready', '/readyz'],
      ['leader', '/leaderz'],
    ]);
    for (const [, path = ''] of checks) expect(paths).toHaveProperty([path]);
  });

  itWith('haproxy', 'is accepted by HAProxy', async (path) => {
    const { stdout, stderr } = await run(path, ['-c', '-f', join(DEPLOY, 'haproxy.cfg')]);
    expect(stdout + stderr).toContain('Configuration file is valid');
  });
});

describe('deploy/keepalived.conf', () => {
  it('asks for the leader, and gives the address away as soon as another one leads', () => {
    const text = read('keepalived.conf');
    expect(text).toMatch(/script ".*http:\/\/127\.0\.0\.1:8080\/leaderz"/);
    expect(text).toMatch(/^ {2}fall 1$/m);
    const [, tracked] = /track_script \{\s+(\w+)\s+\}/.exec(text) ?? [];
    expect(text).toContain(`vrrp_script ${tracked} {`);
  });

  itWith('keepalived', 'is accepted by keepalived', async (path) => {
    const folder = mkdtempSync(join(tmpdir(), 'clusterer-keepalived-'));
    const file = join(folder, 'keepalived.conf');
    try {
      copyFileSync(join(DEPLOY, 'keepalived.conf'), file);
      chmodSync(folder, 0o755);
      // As root, keepalived 2.2 ends itself with SIGTERM after the test of a file that names a script_user, whatever it has found.
      const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
      const { stdout, stderr } = await run(path, ['--config-test', '--log-console', '--use-file', file], user);
      expect(stdout + stderr).toBe('');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** A resource; its fields are checked against the schemas first. */
// biome-ignore lint/suspicious/noExplicitAny: tests read resources field by field
type Resource = any;

/** Checks a resource against the public schema of its kind. @throws Error that names the faulty fields */
function validate(resource: Resource): void {
  const { [resource.kind]: Model } = require(`kubernetes-models/${resource.apiVersion}`);
  new Model(resource).validate();
}

describe('deploy/kubernetes/clusterer.yaml', () => {
  const resources: Resource[] = parseAllDocuments(read('kubernetes/clusterer.yaml')).map((document) => document.toJS());
  const byKind = (kind: string) => resources.filter((resource) => resource.kind === kind);
  const [{ spec: workload }] = byKind('Deployment');
  const pod = workload.template;
  const [main, labeller] = pod.spec.containers;

  it.each(resources.map((resource) => [resource.kind, resource.metadata.name, resource]))(
    '%s %s fits its public schema',
    (_kind, _name, resource) => {
      validate(resource);
    },
  );

  it('is checked by schemas that report faults', () => {
    const faulty = { ...resources[0], spec: { ...workload, replicas: 'three' } };
    expect(() => validate(faulty)).toThrow(/replicas must be integer/);
  });

  it('has an environment that the service accepts, with a name from each process', () => {
    const entries = main.env.map(({ name, value }: Resource) => [name, value]);
    const secret = { CLUSTERER_TOKENS: TOKENS, CLUSTERER_DB_URL: 'postgres://clusterer@database/clusterer' };
    const config = configOf({ ...Object.fromEntries(entries), ...secret });
    expect([config.natsReplicas, config.httpPort, config.binPort]).toEqual([3, 8080, 5555]);
    expect(config.replica).toMatch(/-[0-9a-f]{6}$/);
  });

  it('gives its containers no rights: not root, a read-only file system, no capabilities', () => {
    expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    const rights = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
    for (const { securityContext } of [main, labeller]) expect(securityContext).toEqual(rights);
  });

  it('probes routes that exist, at a port with that name', () => {
    const probes = [main.startupProbe, main.livenessProbe, main.readinessProbe].map(({ httpGet }) => httpGet);
    expect(probes.map(({ path }) => path)).toEqual(['/healthz', '/healthz', '/readyz']);
    for (const { path } of probes) expect(paths).toHaveProperty([path]);
    expect(main.ports).toEqual([
      { name: 'http', containerPort: 8080 },
      { name: 'bin', containerPort: 5555 },
    ]);
    expect(new Set(probes.map(({ port }) => port))).toEqual(new Set(['http']));
  });

  it('has Services, a budget and a spread that select its pods; BIN selects the leader', () => {
    const [http, bin] = byKind('Service').map(({ spec }) => spec.selector);
    expect(http).toEqual(pod.metadata.labels);
    expect(bin).toEqual({ ...pod.metadata.labels, 'clusterer-leader': 'true' });
    const [{ spec: budget }] = byKind('PodDisruptionBudget');
    for (const { matchLabels } of [
      workload.selector,
      budget.selector,
      pod.spec.topologySpreadConstraints[0].labelSelector,
    ]) {
      expect(matchLabels).toEqual(pod.metadata.labels);
    }
  });

  it('may change the labels of pods, and nothing else', () => {
    const [{ metadata, rules }] = byKind('Role');
    expect(rules).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['patch'] }]);
    const [{ roleRef, subjects }] = byKind('RoleBinding');
    expect(roleRef.name).toBe(metadata.name);
    expect([subjects[0].name, pod.spec.serviceAccountName]).toEqual(['clusterer', 'clusterer']);
    const [script] = byKind('ConfigMap');
    expect(pod.spec.volumes[0].configMap.name).toBe(script.metadata.name);
    expect(labeller.command.at(-1)).toBe(`/scripts/${Object.keys(script.data)[0]}`);
  });
});
