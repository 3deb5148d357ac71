import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const SRC = join(__dirname, '../../src');

/** Pure: no socket, clock, database or Node global. */
const PURE = ['domain', 'wire', 'rpc', 'schemas', 'text', 'ground'];
const SERVICE = [...PURE, 'security', 'limits', 'service'];
const ADAPTERS = ['bin', 'storage', 'nats', 'http', 'ws', 'metrics', 'webhooks', 'process'];

/** What a floor may import from src besides itself: folders, or single files. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  ground: [],
  wire: ['ground'],
  rpc: ['ground'],
  schemas: ['ground'],
  text: ['ground', 'schemas'],
  domain: ['ground', 'wire'],
  security: PURE,
  limits: [...PURE, 'security'],
  config: [...PURE, 'security'],
  service: SERVICE,
  client: PURE,
  // It runs in browsers.
  web: ['client', 'schemas'],
  bin: SERVICE,
  storage: [...SERVICE, 'config', 'generated', 'process/collect-garbage.ts'],
  nats: SERVICE,
  http: SERVICE,
  ws: SERVICE,
  metrics: SERVICE,
  webhooks: SERVICE,
  process: [...SERVICE, 'config'],
  'app.ts': [...SERVICE, ...ADAPTERS, 'config'],
  'server.ts': ['app.ts', 'config', 'metrics', 'process', 'ground'],
  docgen: [...SERVICE, 'http', 'ws', 'cli', 'config', 'process/version.ts'],
  // A client of the service. Only `clusterer serve` loads the service itself.
  cli: [...PURE, 'client', 'config/cli-variables.ts', 'security/generate-token.ts', 'process/version.ts', 'server.ts'],
};

interface Import {
  readonly file: string;
  readonly specifier: string;
  /** `import type`: it does not exist at run time. */
  readonly typeOnly: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && !file.startsWith('generated/'))
  .sort();

function sourceOf(file: string): string {
  return readFileSync(join(SRC, file), 'utf8');
}

/** The folder under src; for a file directly in src, the file itself. */
function floorOf(file: string): string {
  return file.split('/')[0] ?? file;
}

function importsOf(file: string): Import[] {
  const statements =
    /^(?:import|export)\b(\s+type\b)?[^'";]*?\bfrom\s*'([^']+)'|\b(?:import|require)\s*\(?\s*'([^']+)'/gm;
  return [...sourceOf(file).matchAll(statements)].map(([, type, from, bare]) => {
    return { file, specifier: from ?? bare ?? '', typeOnly: type !== undefined };
  });
}

/** The source without comments and quoted texts. */
function codeOf(file: string): string {
  return sourceOf(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, ' ');
}

const imports = files.flatMap(importsOf);
/** Imports of our own files, with the file that each resolves to. */
const sourceImports = imports
  .filter(({ specifier }) => specifier.startsWith('.'))
  .map((it) => ({ ...it, target: posix.join(posix.dirname(it.file), it.specifier).replace(/\.js$/, '.ts') }));

/** The circles of a graph, and what leads to them: what is left after nodes without imports have been removed repeatedly. */
function circlesOf(children: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const left = new Map(children);
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const [child, others] of left) if (![...others].some((other) => left.has(other))) left.delete(child);
  }
  return [...left].map(([child, others]) => `${child} -> ${[...others].filter((other) => left.has(other)).join(', ')}`);
}

function violation({ file, specifier }: Import, rule: string): string {
  return `src/${file} imports ${specifier}: ${rule}`;
}

describe('the floors', () => {
  it('finds the sources and their imports', () => {
    expect(files).toContain('domain/engine.ts');
    expect(imports).toContainEqual({ file: 'domain/engine.ts', specifier: './send-side.js', typeOnly: false });
    expect(imports).toContainEqual({ file: 'domain/engine.ts', specifier: '../ground/now.js', typeOnly: true });
  });

  it('include every folder and every file directly in src', () => {
    expect([...new Set(files.map(floorOf))].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  });

  it('import only what is below them, and adapters never each other', () => {
    const wrong = sourceImports.filter(({ file, target }) => {
      const floor = floorOf(file);
      const allowed = [floor, ...(MAY_IMPORT[floor] ?? [])];
      return !allowed.includes(floorOf(target)) && !allowed.includes(target);
    });
    const faults = wrong.map((it) =>
      violation(it, `${floorOf(it.file)} may import only ${MAY_IMPORT[floorOf(it.file)]}`),
    );
    expect(faults).toEqual([]);
  });

  it('have no circle of imports, types included, between the files and folders of any folder', () => {
    // The imports between the children of each folder: in `service`, for example, `views` -> `delivery`.
    const arrows = new Map<string, Map<string, Set<string>>>();
    for (const { file, target } of sourceImports) {
      const [from, to] = [file.split('/'), target.split('/')];
      const depth = from.findIndex((name, index) => name !== to[index]);
      const [child, other] = [from[depth], to[depth]];
      if (child === undefined || other === undefined) continue;
      const folder = from.slice(0, depth).join('/');
      const children = arrows.get(folder) ?? new Map<string, Set<string>>();
      arrows.set(folder, children.set(child, (children.get(child) ?? new Set()).add(other)));
    }
    const circles = [...arrows].flatMap(([folder, children]) => circlesOf(children).map((it) => `${folder}: ${it}`));
    expect(circles).toEqual([]);
  });

  it('load no schema and no package in the browser, except types', () => {
    const wrong = imports.filter(({ file, specifier, typeOnly }) => {
      return floorOf(file) === 'web' && !typeOnly && !/^\.{1,2}\/(?!(?:\.\.\/)*schemas\/)/.test(specifier);
    });
    expect(wrong.map((it) => violation(it, 'import type'))).toEqual([]);
  });

  it('load no schema in the command line, except types and values: typebox takes half the time of a start', () => {
    const loaded = imports.filter(({ file, specifier, typeOnly }) => {
      const isStarted = ['cli', 'client', 'rpc', 'security', 'text', 'wire'].includes(floorOf(file));
      return isStarted && !typeOnly && /\/schemas\/(?!values\.js$)/.test(specifier);
    });
    expect(loaded).toEqual([]);
  });

  it('load NATS only where it is used: other folders import it with import() or import type', () => {
    const loads = /^(?:import|export)\b(?!\s+type\b)[^'";]*?'(?:@nats-io\/|[^']*\/nats\/)[^']*'/gm;
    const others = files.filter((file) => floorOf(file) !== 'nats');
    const wrong = others.flatMap((file) => [...sourceOf(file).matchAll(loads)].map(([text]) => `src/${file}: ${text}`));
    expect(wrong).toEqual([]);
  });

  it('load webhooks only where they are configured: other folders import them with import() or import type', () => {
    const loads = /^(?:import|export)\b(?!\s+type\b)[^'";]*?'[^']*\/webhooks\/[^']*'/gm;
    const others = files.filter((file) => !file.includes('webhooks/') && floorOf(file) !== 'docgen');
    const wrong = others.flatMap((file) => [...sourceOf(file).matchAll(loads)].map(([text]) => `src/${file}: ${text}`));
    expect(wrong).toEqual([]);
  });

  it('use no module of Node on the ground, and only node:crypto in the service', () => {
    const wrong = imports.filter(({ file, specifier, typeOnly }) => {
      if (!specifier.startsWith('node:') || typeOnly) return false;
      if (PURE.includes(floorOf(file))) return true;
      return floorOf(file) === 'service' && specifier !== 'node:crypto';
    });
    expect(wrong.map((it) => violation(it, 'take it as an argument or through a port'))).toEqual([]);
  });

  it('name modules of Node with node:, so that the rule above sees them', () => {
    const bare =
      /^(?:assert|crypto|dns|events|fs|http|https|net|os|path|process|stream|timers|tls|url|util|worker_threads)(?:\/|$)/;
    const wrong = imports.filter(({ specifier }) => bare.test(specifier));
    expect(wrong.map((it) => violation(it, 'write node: before it'))).toEqual([]);
  });

  it('give the client only what a browser has, except for its socket in Node', () => {
    const reached = new Set(['client/browser.ts']);
    for (const file of reached) {
      for (const { specifier, typeOnly } of importsOf(file)) {
        if (!typeOnly) reached.add(posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts'));
      }
    }
    expect([...reached]).toEqual(expect.arrayContaining(['client/link.ts', 'wire/payload.ts']));
    // This finds packages: they are not among our files.
    expect([...reached].filter((file) => !files.includes(file))).toEqual([]);
    const nodeOnly = /(?<!\.)\b(?:Buffer|process|global|setImmediate|NodeJS|__dirname)\b/g;
    const wrong = [...reached].flatMap((file) =>
      [...codeOf(file).matchAll(nodeOnly)].map(([word]) => `${file}: ${word}`),
    );
    expect(wrong).toEqual([]);
    const others = files.filter((file) => file.startsWith('client/') && !reached.has(file)).flatMap(importsOf);
    const fromNode = others.filter(({ specifier, typeOnly }) => !typeOnly && !specifier.startsWith('.'));
    expect(fromNode.map(({ file, specifier }) => `${file}: ${specifier}`)).toEqual([
      'client/transport/node-socket.ts: ws',
    ]);
  });

  it('keep clocks, timers, the process and chance off the ground', () => {
    const forbidden =
      /(?<!\.)\b(?:Date|performance|setTimeout|setInterval|setImmediate|queueMicrotask|process|globalThis)\b|\bMath\.random\b/g;
    const ground = files.filter((file) => PURE.includes(floorOf(file)));
    const wrong = ground.flatMap((file) =>
      [...codeOf(file).matchAll(forbidden)].map(([word]) => `src/${file} uses ${word}: time and chance are arguments`),
    );
    expect(wrong).toEqual([]);
  });
});
