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
  it('names only variables that there are', () => {
    const ofService = Object.values(VARIABLES).map(({ name }) => name);
    const known = new Set<string>([...ofService, ...Object.values(CLI_VARIABLES)]);
    const named = README.match(/\bCLUSTERER_[A-Z_]*[A-Z]\b/g) ?? [];
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it('and what is said to those who come from OpenSIPS name only routes that the document describes', () => {
    const { paths } = parse(read('openapi.yaml')) as { paths: Record<string, Record<string, unknown>> };
    const text = README + read('docs/opensips.md');
    const routes = [...text.matchAll(/`(GET|POST|PUT|DELETE) (\/[^`?]*)/g)];
    expect(routes.length).toBeGreaterThan(8);
    const unknown = routes.filter(([, method = '', path = '']) => paths[path]?.[method.toLowerCase()] === undefined);
    expect(unknown.map(([route]) => route)).toEqual([]);
  });

  it('gives the two commands by which the service is run and tested', () => {
    expect(README).toMatch(/^npm ci && npm start\nnpm ci && npm test$/m);
  });
});

it('docs/decisions.md says of every dependency why it is there', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const decisions = read('docs/decisions.md');
  const names = Object.keys({ ...dependencies, ...devDependencies });
  expect(names.filter((name) => !decisions.includes(`\`${name}\``))).toEqual([]);
});

it('no link of the documents leads nowhere', () => {
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

  it('are there, one for each folder', () => {
    expect([...new Set(folders)].filter((folder) => !existsSync(join(ROOT, folder, 'README.md')))).toEqual([]);
  });

  it('name no file that is not there', () => {
    const named = [...new Set(folders)].flatMap((folder) =>
      [...read(`${folder}/README.md`).matchAll(/`([\w/-]+\.ts)`/g)].map(([, file = '']) => ({ folder, file })),
    );
    const missing = named.filter(({ folder, file }) => {
      return !existsSync(join(ROOT, folder, file)) && !existsSync(join(ROOT, 'src', file));
    });
    expect(missing).toEqual([]);
  });
});
