import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { openapi, openapiJson, openapiYaml } from '../../src/docgen/openapi.js';
import { referencePage } from '../../src/docgen/reference/page.js';
import { ERRORS } from '../../src/ground/errors.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();

const ROOT = join(__dirname, '..', '..');

const YAML = readFileSync(join(ROOT, 'openapi.yaml'), 'utf8');
const document = parse(YAML);

test('openapi.yaml, openapi.json and the reference are up to date with the routes; npm run openapi writes them', async () => {
  const collected = await openapi();
  expect(YAML).toBe(openapiYaml(collected));
  expect(readFileSync(join(ROOT, 'src/http/routes/openapi.json'), 'utf8')).toBe(openapiJson(collected));
  expect(readFileSync(join(ROOT, 'src/web/static/reference.html'), 'utf8')).toBe(referencePage(collected));
});

test('the service serves its document as JSON and as YAML, equal to openapi.yaml', async () => {
  const service = await startService();
  const json = await service.request('GET', '/openapi.json');
  expect([json.status, json.body]).toEqual([200, document]);
  const yaml = await service.request('GET', '/openapi.yaml');
  expect([yaml.headers.get('content-type'), yaml.text]).toEqual(['application/yaml', YAML]);
  expect(document.openapi).toMatch(/^3\.1\./);
});

test('every operation has a unique name, a summary and a documented failure', () => {
  const operations = Object.values<Record<string, { operationId: string; summary: string; responses: object }>>(
    document.paths,
  ).flatMap((path) => Object.values(path));
  expect(operations.length).toBeGreaterThan(15);
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  for (const { operationId, summary, responses } of operations) {
    expect([operationId, typeof summary, Object.keys(responses)]).toEqual([
      operationId,
      'string',
      expect.arrayContaining(['default']),
    ]);
  }
});

interface Media {
  readonly schema: object;
  readonly example?: unknown;
}

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}

function operationsOf(paths: object): Operation[] {
  return Object.values(paths).flatMap((path) => Object.values<Operation>(path));
}

test('every status is a number or default, since generators make names of them', () => {
  const statuses = operationsOf(document.paths).flatMap(({ responses }) => Object.keys(responses));
  expect(statuses.filter((status) => !/^(?:[2345]\d\d|default)$/.test(status))).toEqual([]);
});

test('the code of a problem is one of the known errors', () => {
  expect(document.components.schemas.Problem.properties.code.enum).toEqual(Object.keys(ERRORS));
});

test('every body and every response has an example that fits its schema', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema(document, 'document');
  const faults: string[] = [];
  let examples = 0;
  for (const { operationId, requestBody, responses } of operationsOf({ ...document.paths, ...document.webhooks })) {
    for (const [part, { content = {} }] of Object.entries({
      ...responses,
      ...(requestBody && { body: requestBody }),
    })) {
      for (const [mediaType, { schema, example }] of Object.entries(content)) {
        examples++;
        const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/'));
        const fits = example !== undefined && ajv.validate(absolute, example);
        if (!fits)
          faults.push(`${operationId} ${part} ${mediaType}: ${example === undefined ? 'none' : ajv.errorsText()}`);
      }
    }
  }
  expect(faults).toEqual([]);
  expect(examples).toBeGreaterThan(100);
});

test('the example of a problem has the status of its response', () => {
  for (const { operationId, responses } of operationsOf(document.paths)) {
    for (const [status, { content = {} }] of Object.entries(responses)) {
      const problem = Object(content['application/problem+json']?.example);
      if (status === 'default' || problem.status === undefined) continue;
      expect([operationId, problem.status]).toEqual([operationId, Number(status)]);
    }
  }
});
