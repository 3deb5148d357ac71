import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { endProcessesAfterEach, ServiceProcess } from '../support/service/service-process.js';

const ROOT = join(__dirname, '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const { dependencies, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

endProcessesAfterEach();
jest.setTimeout(60_000);

/** Another project, where the packed package is installed. */
const project = mkdtempSync(join(tmpdir(), 'clusterer-package-'));
const installed = join(project, 'node_modules/clusterer');

beforeAll(() => {
  const options = ['pack', '--ignore-scripts', '--silent', '--pack-destination', project];
  const file = execFileSync('npm', options, { cwd: ROOT, encoding: 'utf8' }).trim();
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(project, file), '--strip-components=1', '-C', installed]);
  // As npm installs it, but without the network: what package.json names and nothing else. The types are for the compiler.
  for (const dependency of [...Object.keys(dependencies), '@types/node', '@types/ws']) {
    mkdirSync(dirname(join(project, 'node_modules', dependency)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', dependency), join(project, 'node_modules', dependency));
  }
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
}

/** A program that uses the types. */
const CONSUMER = `
const contacts: PacketFields<'ul' | 'usrloc-contact-repl', 'contact_insert'>[] = [];
const client = await connect('http://127.0.0.1:8080', { subprotocol: 'clusterer.v1.bin', token: 'secret' });
const registration: Registration = await client.registerModule(
  { module: 'ul', timeout: 5, authCheck: true, clusterId: 1 },
  {
    packet: async (event) => {
      const { machine_id, payload, source } = event;
      const id: number = machine_id;
      const from: string | null = source;
      console.log(id, from, new PayloadReader(payload).readInt());
      const { name, fields, fault } = decodePacket(event);
      if (name === 'contact_insert') contacts.push(fields);
      const unknown: string | undefined = fault;
      // @ts-expect-error: there is no such packet
      console.log(unknown, name === 'contact_inserted');
    },
    gap: ({ reason, missed }) => console.log(reason === 'epoch', missed ?? 0),
  },
);
await client.watch({}, { change: (event) => event.method === 'node_state' && console.log(event.params.machine.state === 'up') });
// @ts-expect-error: there is no such state
await client.setState({ clusterId: 1, machineId: 2, state: 'off' });
const sent: boolean[] = (await client.sendTo({ clusterId: 1, module: 'ul', packetType: 1 })).map((one) => one.sent);
console.log(sent, registration.number);
`;

describe('the package', () => {
  it('exports the client for import and require', () => {
    const print =
      'console.log(typeof connect, new ClientError("closed", "x").code, new PayloadWriter().writeInt(1).payload().length)';
    const names = '{ connect, ClientError, PayloadReader, PayloadWriter }';
    const imported = node('--input-type=module', '--eval', `import ${names} from 'clusterer/client'; ${print}`);
    const required = node('--input-type=commonjs', '--eval', `const ${names} = require('clusterer/client'); ${print}`);
    expect([imported, required]).toEqual(Array(2).fill('function closed 4\n'));
  });

  it('exports what a program needs to run a service, and starts none', () => {
    expect(node('--print', 'require.resolve("clusterer")').trim()).toBe(join(installed, 'dist/app.js'));
    const print = 'console.log(typeof startApp, typeof readConfig, new ConfigError([]).name)';
    const names = '{ ConfigError, readConfig, startApp }';
    const imported = node('--input-type=module', '--eval', `import ${names} from 'clusterer'; ${print}`);
    const required = node('--input-type=commonjs', '--eval', `const ${names} = require('clusterer'); ${print}`);
    expect([imported, required]).toEqual(Array(2).fill('function function ConfigError\n'));
  });

  it('starts the service in an empty folder, which says its version', async () => {
    const program = join(installed, 'dist/cli/main.js');
    const service = new ServiceProcess({}, undefined, ['sh', '-c', 'exec "$0" serve', program]);
    const { http } = await service.listening();
    const answers = await Promise.all(
      ['/readyz', '/version', '/openapi.yaml', '/docs', '/'].map((path) => fetch(http + path)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    expect(await answers[1]?.json()).toEqual({ version, dialects: ['2.2', '2.4'], commit: null });
    expect(await (await fetch(`${http}/metrics`)).text()).toContain(
      `clusterer_build_info{version="${version}",commit=""} 1`,
    );
    expect(await service.logLine({ msg: 'listening' })).toMatchObject({ version });
    expect(execFileSync(program, ['--version'], { encoding: 'utf8' }).trim()).toBe(version);
  });

  it('has every file that its README links to, and no source, source map, test or state of a build', () => {
    const links = [...readFileSync(join(installed, 'README.md'), 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)];
    expect(links.length).toBeGreaterThan(40);
    expect(links.map(([, to = '']) => to).filter((to) => !existsSync(join(installed, to)))).toEqual([]);
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /\.map$|\.tsbuildinfo$|\.test\.|docgen|(?<!\.d)\.[cm]?ts$/.test(file))).toEqual([]);
    const folders = readdirSync(installed, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual(['bench', 'deploy', 'dist', 'docs', 'prisma', 'test']);
    expect([readdirSync(join(installed, 'bench')), readdirSync(join(installed, 'test'))]).toEqual([
      ['RESULTS.md'],
      ['README.md'],
    ]);
  });

  it('exports files for browsers that import only each other', () => {
    const conditions = ['--conditions=browser', '--input-type=module', '--eval'];
    const entry = node(...conditions, `console.log(new URL(import.meta.resolve('clusterer/client')).pathname)`).trim();
    expect(entry).toBe(join(installed, 'dist/esm/client/browser.js'));
    const files = new Set([entry]);
    for (const file of files) {
      const imports = readFileSync(file, 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g);
      for (const [, specifier = ''] of imports) {
        expect(specifier).toMatch(/^\.\.?\//);
        files.add(join(dirname(file), specifier));
      }
    }
    expect(files.size).toBeGreaterThan(10);
    expect([...files].filter((file) => !existsSync(file))).toEqual([]);
  });

  it('has types for each export', () => {
    const names = '{ connect, decodePacket, type PacketFields, PayloadReader, type Registration }';
    const files = {
      'imports.mts': `import ${names} from 'clusterer/client';${CONSUMER}`,
      'requires.cts': `import ${names} from 'clusterer/client';(async () => {${CONSUMER}})();`,
    };
    for (const [file, text] of Object.entries(files)) writeFileSync(join(project, file), text);
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: 'es2023',
      types: ['node'],
      exactOptionalPropertyTypes: true,
    };
    // The declarations themselves are checked once, where no types of Node are: those of TypeBox take ten times longer than the programs.
    const projects = {
      node: {
        compilerOptions: { ...compilerOptions, module: 'node20', skipLibCheck: true },
        files: Object.keys(files),
      },
      browser: {
        compilerOptions: {
          ...compilerOptions,
          module: 'esnext',
          moduleResolution: 'bundler',
          customConditions: ['browser'],
          lib: ['es2023', 'dom'],
          types: [],
          skipDefaultLibCheck: true,
        },
        files: ['imports.mts'],
      },
    };
    for (const [name, config] of Object.entries(projects)) {
      const file = join(project, `tsconfig.${name}.json`);
      writeFileSync(file, JSON.stringify(config));
      const { stdout } = spawnSync(process.execPath, [TSC, '-p', file, '--singleThreaded'], { encoding: 'utf8' });
      expect(stdout).toBe('');
    }
  });
});
