import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Routes } from '../answers/route-types.js';

/** Docgen writes both, and the build copies the second beside this file. */
const YAML = join(__dirname, '../../../openapi.yaml');
const JSON_FILE = join(__dirname, 'openapi.json');

/** `GET /openapi.json` and `GET /openapi.yaml`. They are asked for rarely, so memory does not hold them. */
export function documentRoutes(app: Routes): void {
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    return reply.type('application/json').send(await readFile(JSON_FILE));
  });
  app.get('/openapi.yaml', { schema: { hide: true } }, async (_request, reply) => {
    return reply.type('application/yaml').send(await readFile(YAML));
  });
}
