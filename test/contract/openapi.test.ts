import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { openapiYaml } from '../../src/docgen/openapi.js';
import { ERRORS } from '../../src/ground/errors.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();

const ROOT = join(__dirname, '..', '..');

test('openapi.yaml at the root is what the routes say; npm run openapi writes it anew', async () => {
  expect(readFileSync(join(ROOT, 'openapi.yaml'), 'utf8')).toBe(await openapiYaml());
});

test('the service answers its document as JSON and as YAML, equal to openapi.yaml', async () => {
  const service = await startService();
  const file = parse(readFileSync(join(ROOT, 'openapi.yaml'), 'utf8'));
  const json = await service.request('GET', '/openapi.json');
  expect([json.status, json.body]).toEqual([200, file]);
  const yaml = await service.request('GET', '/openapi.yaml');
  expect([yaml.headers.get('content-type'), parse(yaml.text)]).toEqual(['application/yaml', file]);
  expect(file.openapi).toMatch(/^3\.1\./);
});

test('every operation has a name of its own, a summary and a documented failure', async () => {
  const { paths } = parse(await openapiYaml());
  const operations = Object.values<Record<string, { operationId: string; summary: string; responses: object }>>(
    paths,
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

test('every status is a number or default: generators make code of the names', async () => {
  const { paths } = parse(await openapiYaml());
  const statuses = operationsOf(paths).flatMap(({ responses }) => Object.keys(responses));
  expect(statuses.filter((status) => !/^(?:[2345]\d\d|default)$/.test(status))).toEqual([]);
});

test('the code of a problem is one of docs/errors.md', async () => {
  const { components } = parse(await openapiYaml());
  expect(components.schemas.Problem.properties.code.enum).toEqual(Object.keys(ERRORS));
});

test('every body and every answer has an example, which fits its schema', async () => {
  const document = parse(await openapiYaml());
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema(document, 'document');
  const faults: string[] = [];
  let examples = 0;
  for (const { operationId, requestBody, responses } of operationsOf(document.paths)) {
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

test('the example of a problem has the status it stands under', async () => {
  const { paths } = parse(await openapiYaml());
  for (const { operationId, responses } of operationsOf(paths)) {
    for (const [status, { content = {} }] of Object.entries(responses)) {
      const problem = Object(content['application/problem+json']?.example);
      if (status === 'default' || problem.status === undefined) continue;
      expect([operationId, problem.status]).toEqual([operationId, Number(status)]);
    }
  }
});
