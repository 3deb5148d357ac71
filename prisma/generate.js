// Writes src/generated/<provider>.prisma and its client for each database: Prisma binds a client to one provider.
// An unchanged schema means that its client is up to date.
const { execFile } = require('node:child_process');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { promisify } = require('node:util');

const PROVIDERS = ['sqlite', 'postgresql', 'mysql'];
const generated = join(__dirname, '..', 'src', 'generated');

function schemaOf(provider, model, version) {
  const head = `// Written by prisma/generate.js for Prisma ${version}.
generator client {
  provider            = "prisma-client"
  output              = "./${provider}"
  moduleFormat        = "cjs"
  importFileExtension = "js"
  compilerBuild       = "small"
}

datasource db {
  provider = "${provider}"
}
`;
  return `${head}\n${provider === 'sqlite' ? model.replace(/ @db\.\w+(\(\d+\))?/g, '') : model}`;
}

async function generate(provider, schema) {
  const finished = join(generated, `${provider}.prisma`);
  const client = join(generated, provider, 'client.ts');
  if (existsSync(client) && existsSync(finished) && readFileSync(finished, 'utf8') === schema) return;

  const draft = join(generated, `${provider}.draft.prisma`);
  writeFileSync(draft, schema);
  // `generate` never runs the schema engine, but the CLI would download it. Any existing file satisfies it.
  const env = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1', ...process.env };
  await promisify(execFile)(
    process.execPath,
    [require.resolve('prisma/build/index.js'), 'generate', '--schema', draft],
    { env },
  );
  renameSync(draft, finished);
}

async function main() {
  const model = readFileSync(join(__dirname, 'clusterer.prisma'), 'utf8');
  const { version } = require('prisma/package.json');
  mkdirSync(generated, { recursive: true });
  await Promise.all(PROVIDERS.map((provider) => generate(provider, schemaOf(provider, model, version))));
}

main().catch((error) => {
  process.stderr.write(`Prisma could not generate its clients.\n${error.stdout ?? ''}${error.stderr ?? error.stack}\n`);
  process.exitCode = 1;
});
