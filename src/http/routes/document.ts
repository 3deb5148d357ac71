import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { etagOf, sendUnlessKnown } from '../answers/etag.js';
import { OPEN_TO_ALL, type Routes } from '../answers/route-types.js';
import { contentSecurityPolicy } from '../hooks/headers.js';

const ROOT = join(__dirname, '../../..');
/** Docgen writes all three. The build copies the JSON beside this file, and the reference to the files of the page. */
const YAML = join(ROOT, 'openapi.yaml');
const JSON_FILE = join(__dirname, 'openapi.json');
const REFERENCE = join(ROOT, 'dist/browser/web/reference.html');

/** `GET /openapi.json`, `/openapi.yaml`, and `/docs`, which shows them to people. They are asked for rarely, so memory does not hold them. */
export function documentRoutes(app: Routes): void {
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    return reply.type('application/json').send(await readFile(JSON_FILE));
  });
  app.get('/openapi.yaml', { schema: { hide: true } }, async (_request, reply) => {
    return reply.type('application/yaml').send(await readFile(YAML));
  });
  app.get('/docs', { config: OPEN_TO_ALL, schema: { hide: true } }, async (request, reply) => {
    const page = await readFile(REFERENCE, 'utf8');
    reply.headers({
      'cache-control': 'no-cache',
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy(`'${styleHash(page)}'`),
    });
    return sendUnlessKnown(request, reply, etagOf(page), page);
  });
}

/** What a policy calls the style sheet in a page. */
function styleHash(page: string): string {
  const style = /<style>(.*?)<\/style>/s.exec(page)?.[1] ?? '';
  return `sha256-${createHash('sha256').update(style).digest('base64')}`;
}
