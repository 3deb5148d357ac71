import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import { asyncapiYaml } from '../../src/docgen/asyncapi.js';
import { CLOSES } from '../../src/wire/close-codes.js';

const DOCS = join(__dirname, '..', '..', 'docs');

/** Returns the errors and warnings of the public parser. The hint about a newer AsyncAPI than 3.0 is neither. */
async function faultsOf(yaml: string): Promise<string[]> {
  const diagnostics = await new Parser().validate(yaml);
  return diagnostics.filter(({ severity }) => severity <= 1).map(({ path, message }) => `${path.join('/')} ${message}`);
}

test('docs/asyncapi.yaml is up to date with the schemas; npm run openapi writes it', () => {
  expect(readFileSync(join(DOCS, 'asyncapi.yaml'), 'utf8')).toBe(asyncapiYaml());
});

test('the document is valid AsyncAPI 3', async () => {
  const yaml = asyncapiYaml();
  expect(yaml).toMatch(/^asyncapi: 3\.0\.0\n/);
  expect(await faultsOf(yaml)).toEqual([]);
}, 60_000);

test.each([
  ['an unresolved reference', '#/components/schemas/NodeState"', '#/components/schemas/NoState"'],
  ['an unknown AsyncAPI keyword', 'action: receive', 'action: receives'],
  ['an invalid schema', 'minimum: 0', 'minimum: none'],
])(
  'the parser would find %s',
  async (_what, right, wrong) => {
    const yaml = asyncapiYaml();
    expect(yaml).toContain(right);
    expect(await faultsOf(yaml.replace(right, wrong))).not.toEqual([]);
  },
  60_000,
);

test('docs/sockets.md explains the close codes of the document, and no others', () => {
  const prose = readFileSync(join(DOCS, 'sockets.md'), 'utf8');
  expect([...prose.matchAll(/^\| (\d{4}) \|/gm)].map(([, code]) => code)).toEqual(
    Object.values(CLOSES).map(({ code }) => String(code)),
  );
});
