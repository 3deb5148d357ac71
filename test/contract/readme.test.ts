import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CLI_VARIABLES } from '../../src/config/cli-variables.js';
import { VARIABLES } from '../../src/config/variables.js';

const ROOT = join(__dirname, '../..');
const README = read('README.md');

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

describe('the README', () => {
  it('names only existing variables', () => {
    const ofService = Object.values(VARIABLES).map(({ name }) => name);
    const known = new Set<string>([...ofService, ...Object.values(CLI_VARIABLES)]);
    const named = README.match(/\bCLUSTERER_[A-Z_]*[A-Z]\b/g) ?? [];
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it('and docs/opensips.md name only routes of openapi.yaml', () => {
    const { paths } = parse(read('openapi.yaml')) as { paths: Record<string, Record<string, unknown>> };
    const text = README + read('docs/opensips.md');
    const routes = [...text.matchAll(/`(GET|POST|PUT|DELETE) (\/[^`?]*)/g)];
    expect(routes.length).toBeGreaterThan(8);
    const unknown = routes.filter(([, method = '', path = '']) => paths[path]?.[method.toLowerCase()] === undefined);
    expect(unknown.map(([route]) => route)).toEqual([]);
  });

  it('has the two commands that run and test the service', () => {
    expect(README).toMatch(/^npm ci && npm start\nnpm ci && npm test$/m);
  });
});

it('docs/dependencies.md states the purpose of every dependency, and of no other package', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const sdk = JSON.parse(read('test/sdk/package.json'));
  const rows = read('docs/dependencies.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const described = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  const names = Object.keys({ ...dependencies, ...devDependencies, ...sdk.dependencies, ...sdk.devDependencies });
  expect(described.sort()).toEqual([...new Set(names)].sort());
});

describe('the documents', () => {
  it('have no link to a file that does not exist', () => {
    const documents = [
      'README.md',
      'test/README.md',
      'bench/README.md',
      'docs',
      'docs/decisions',
      'docs/guides',
    ].flatMap((path) => (path.endsWith('.md') ? path : readdirSync(join(ROOT, path)).map((file) => `${path}/${file}`)));
    const links = documents
      .filter((document) => document.endsWith('.md'))
      .flatMap((document) =>
        [...read(document).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, to = '']) => ({ document, to })),
      );
    expect(links.filter(({ document, to }) => !existsSync(join(ROOT, document, '..', to)))).toEqual([]);
  });

  it('name the version of package.json where they name one, and the changelog has it as the newest release', () => {
    const { version } = JSON.parse(read('package.json'));
    const versions = {
      'package-lock.json': /^ {2}"version": "([^"]+)"/m,
      'docs/CHANGELOG.md': /^## \[(\d[^\]]*)\] - \d{4}-\d\d-\d\d$/m,
      'docs/protocol.md': /"server_id": 0, "version": "([^"]+)"/,
      'deploy/kubernetes/README.md': /-t clusterer:(\S+)/,
      'deploy/kubernetes/clusterer.yaml': /image: clusterer:(\S+)/,
    };
    for (const [file, pattern] of Object.entries(versions)) {
      expect([file, pattern.exec(read(file))?.[1]]).toEqual([file, version]);
    }
  });

  it('name in docs/architecture.md only files of src that exist', () => {
    const named = [...read('docs/architecture.md').matchAll(/`([\w/-]+\.ts)`/g)].map(([, file = '']) => file);
    expect(named.filter((file) => !existsSync(join(ROOT, 'src', file)))).toEqual([]);
  });

  it('list every decision by its title and date in docs/decisions/README.md', () => {
    const listed = read('docs/decisions/README.md')
      .split('\n')
      .filter((line) => line.startsWith('- ['));
    const records = readdirSync(join(ROOT, 'docs/decisions')).filter((file) => /^\d/.test(file));
    const expected = records.sort().map((file) => {
      const [heading = '', , date = ''] = read(`docs/decisions/${file}`).split('\n');
      return `- [${heading.replace(/^# \d+\. /, '')}](${file}) (${date})`;
    });
    expect(listed).toEqual(expected);
  });
});

describe('the READMEs of the source folders', () => {
  const folders = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .map((path) => `src/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts') && !path.startsWith('src/generated/'))
    .map((path) => path.slice(0, path.lastIndexOf('/')))
    .filter((folder) => folder !== 'src');

  it('exist for every folder', () => {
    expect([...new Set(folders)].filter((folder) => !existsSync(join(ROOT, folder, 'README.md')))).toEqual([]);
  });

  it('name only existing files', () => {
    const named = [...new Set(folders)].flatMap((folder) =>
      [...read(`${folder}/README.md`).matchAll(/`([\w/-]+\.ts)`/g)].map(([, file = '']) => ({ folder, file })),
    );
    const missing = named.filter(({ folder, file }) => {
      return !existsSync(join(ROOT, folder, file)) && !existsSync(join(ROOT, 'src', file));
    });
    expect(missing).toEqual([]);
  });
});
