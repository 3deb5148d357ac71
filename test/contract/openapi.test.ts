import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { openapiYaml } from '../../src/openapi.js';
import { startService, stopServicesAfterEach } from '../support/service.js';

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
