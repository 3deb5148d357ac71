import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const SRC = join(__dirname, '../../src');

const GROUND = ['domain', 'wire', 'rpc', 'schemas', 'errors.ts'];
/** Beside the ground, for its hash: who may do what. */
const ACCESS = 'access.ts';
const SERVICE = [...GROUND, ACCESS, 'service'];
const ADAPTERS = ['bin', 'storage', 'http', 'ws', 'metrics'];

/** The files of the root that join the floors: they alone may know several adapters. */
const JOINERS = ['app.ts', 'server.ts', 'exports.ts', 'openapi.ts', 'asyncapi.ts'];

/** Streams, signals, the end and the environment: of the process, whatever runs in it. */
const PROCESS = 'process';

/** What the command line shares with the service. */
const CLI_BESIDE = ['cli-variables.ts', 'one-line.ts', 'text-table.ts', 'token.ts'];

/** What a floor may import from src: folders, and files of the root. */
function allowedFor(floor: string, rootFiles: readonly string[]): readonly string[] {
  if (GROUND.includes(floor) || floor === ACCESS) return GROUND;
  if (floor === 'service') return SERVICE;
  if (floor === PROCESS) return [PROCESS];
  // It runs in browsers.
  if (floor === 'web') return ['web', 'client', 'schemas'];
  if (floor === 'client') return [...GROUND, 'client'];
  // The other end, like a client; only to serve does it become the service.
  if (floor === 'cli') return [...GROUND, 'client', 'generated', 'cli', ...CLI_BESIDE, 'server.ts'];
  const beside = rootFiles.filter((file) => ![...SERVICE, ...JOINERS].includes(file));
  if (JOINERS.includes(floor)) return [...SERVICE, ...ADAPTERS, ...JOINERS, ...beside, PROCESS, 'web'];
  if (ADAPTERS.includes(floor)) return [...SERVICE, ...beside, floor, ...(floor === 'storage' ? ['generated'] : [])];
  return [...SERVICE, ...beside, PROCESS];
}

interface Import {
  readonly file: string;
  readonly specifier: string;
  /** `import type`: nothing of it is there at run time. */
  readonly typeOnly: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && !file.startsWith('generated/'))
  .sort();
const rootFiles = files.filter((file) => !file.includes('/'));

function sourceOf(file: string): string {
  return readFileSync(join(SRC, file), 'utf8');
}

/** The folder under src, or for a file of the root the file itself. */
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

/** The source's own code: neither its comments nor what stands in quotes. */
function codeOf(file: string): string {
  return sourceOf(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, ' ');
}

const imports = files.flatMap(importsOf);

function told({ file, specifier }: Import, rule: string): string {
  return `src/${file} imports ${specifier}: ${rule}`;
}

describe('the floors', () => {
  it('finds the sources and their imports', () => {
    expect(files).toContain('domain/engine.ts');
    expect(imports).toContainEqual({ file: 'domain/engine.ts', specifier: './deadlines.js', typeOnly: false });
    expect(imports).toContainEqual({ file: 'domain/engine.ts', specifier: './now.js', typeOnly: true });
  });

  it('import only what is below them, and adapters never each other', () => {
    const wrong = imports.filter(({ file, specifier }) => {
      if (!specifier.startsWith('.')) return false;
      const target = posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts');
      return !allowedFor(floorOf(file), rootFiles).includes(floorOf(target));
    });
    const faults = wrong.map((it) => {
      const allowed = allowedFor(floorOf(it.file), rootFiles).join(', ');
      return told(it, `${floorOf(it.file)} may import only ${allowed}`);
    });
    expect(faults).toEqual([]);
  });

  it('bring no schema and no package into the browser, but types', () => {
    const wrong = imports.filter(({ file, specifier, typeOnly }) => {
      return floorOf(file) === 'web' && !typeOnly && !/^\.{1,2}\/(?!schemas\/)/.test(specifier);
    });
    expect(wrong.map((it) => told(it, 'import type'))).toEqual([]);
  });

  it('use nothing of Node on the ground, and in the service nothing but node:crypto', () => {
    const wrong = imports.filter(({ file, specifier, typeOnly }) => {
      if (!specifier.startsWith('node:') || typeOnly) return false;
      if (GROUND.includes(floorOf(file))) return true;
      return [ACCESS, 'service'].includes(floorOf(file)) && specifier !== 'node:crypto';
    });
    expect(wrong.map((it) => told(it, 'take it as an argument or through a port'))).toEqual([]);
  });

  it('name modules of Node with node:, so that the rule above sees them', () => {
    const bare =
      /^(?:assert|crypto|dns|events|fs|http|https|net|os|path|process|stream|timers|tls|url|util|worker_threads)(?:\/|$)/;
    const wrong = imports.filter(({ specifier }) => bare.test(specifier));
    expect(wrong.map((it) => told(it, 'write node: before it'))).toEqual([]);
  });

  it('leave the client with nothing but what a browser has, but for its socket in Node', () => {
    const reached = new Set(['client/browser.ts']);
    for (const file of reached) {
      for (const { specifier, typeOnly } of importsOf(file)) {
        if (!typeOnly) reached.add(posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts'));
      }
    }
    expect([...reached]).toEqual(expect.arrayContaining(['client/link.ts', 'wire/payload.ts']));
    // A package would not be among our files.
    expect([...reached].filter((file) => !files.includes(file))).toEqual([]);
    const nodeOnly = /(?<!\.)\b(?:Buffer|process|global|setImmediate|NodeJS|__dirname)\b/g;
    const wrong = [...reached].flatMap((file) =>
      [...codeOf(file).matchAll(nodeOnly)].map(([word]) => `${file}: ${word}`),
    );
    expect(wrong).toEqual([]);
    const others = files.filter((file) => file.startsWith('client/') && !reached.has(file)).flatMap(importsOf);
    const fromNode = others.filter(({ specifier, typeOnly }) => !typeOnly && !specifier.startsWith('.'));
    expect(fromNode.map(({ file, specifier }) => `${file}: ${specifier}`)).toEqual(['client/node-socket.ts: ws']);
  });

  it('keep clocks, timers, the process and chance off the ground', () => {
    const forbidden =
      /(?<!\.)\b(?:Date|performance|setTimeout|setInterval|setImmediate|queueMicrotask|process|globalThis)\b|\bMath\.random\b/g;
    const ground = files.filter((file) => GROUND.includes(floorOf(file)));
    const wrong = ground.flatMap((file) =>
      [...codeOf(file).matchAll(forbidden)].map(([word]) => `src/${file} uses ${word}: time and chance are arguments`),
    );
    expect(wrong).toEqual([]);
  });
});
