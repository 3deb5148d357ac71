import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Generates the clients of openapi.yaml in `generated/`, side by side. Does nothing if they are there, and are those of this document and of these generators. */

const folder = dirname(fileURLToPath(import.meta.url));
const DOCUMENT = '../../openapi.yaml';
/** What the clients depend on. The versions of the generators are pinned in package.json. */
const SOURCES = [DOCUMENT, 'package.json', 'generate.mjs', 'orval.config.mjs'];
const STAMP = join(folder, 'generated/stamp');

const GENERATORS = [
  ['openapi-typescript', DOCUMENT, '--output', 'generated/openapi-typescript.ts'],
  ['openapi-ts', '--input', DOCUMENT, '--output', 'generated/hey-api', '--silent', '--no-log-file'],
  ['orval', '--config', 'orval.config.mjs'],
  ['oazapfts', DOCUMENT, 'generated/oazapfts.ts'],
  [
    'swagger-typescript-api',
    'generate',
    '--path',
    DOCUMENT,
    '--output',
    'generated',
    '--name',
    'swagger-typescript-api.ts',
    '--silent',
  ],
];

const sources = await Promise.all(SOURCES.map((file) => readFile(join(folder, file))));
const stamp = createHash('sha256').update(Buffer.concat(sources)).digest('hex');
if ((await readFile(STAMP, 'utf8').catch(() => '')) !== stamp) {
  await rm(join(folder, 'generated'), { recursive: true, force: true });
  await mkdir(join(folder, 'generated'));
  await Promise.all(
    GENERATORS.map(([command, ...args]) =>
      promisify(execFile)(join(folder, 'node_modules/.bin', command), args, { cwd: folder }),
    ),
  );
  await writeFile(STAMP, stamp);
}
