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

it('docs/decisions.md has a reason for every dependency', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const decisions = read('docs/decisions.md');
  const names = Object.keys({ ...dependencies, ...devDependencies });
  expect(names.filter((name) => !decisions.includes(`\`${name}\``))).toEqual([]);
});

it('every link in the documents has a target', () => {
  const documents = ['README.md', 'test/README.md', ...readdirSync(join(ROOT, 'docs')).map((file) => `docs/${file}`)];
  const links = documents
    .filter((document) => document.endsWith('.md'))
    .flatMap((document) =>
      [...read(document).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, to = '']) => ({ document, to })),
    );
  expect(links.filter(({ document, to }) => !existsSync(join(ROOT, document, '..', to)))).toEqual([]);
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
