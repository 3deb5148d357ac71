import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from '../../schemas/typebox.js';
import { etagOf, sendUnlessKnown } from '../answers/etag.js';
import { OPEN_TO_ALL, problems, type Routes, textContent } from '../answers/route-types.js';

/** The page as `npm run page` leaves it, and the client for browsers: each is one script. */
const BUILT = join(__dirname, '../../../dist/browser');
const INDEX = 'web/index.html';
/** Each page has a route of its own, and no other path. */
const PAGES = [INDEX, 'web/reference.html'];

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * `GET /`: the live page. Its files are read once at the start. They contain no data and are open.
 * A browser revalidates each file, and gets 304 until a release changes it.
 * A browser sends `Origin` with each script. It may differ from the `Host` that a proxy sends. The page loads anyway, and explains the error.
 */
export function pageRoutes(app: Routes): void {
  const send = (file: string) => {
    const content = readFileSync(join(BUILT, file), 'utf8');
    const etag = etagOf(content);
    const type = MEDIA_TYPES[extname(file)] ?? 'text/plain';
    return async (request: FastifyRequest, reply: FastifyReply) => {
      reply.headers({ 'cache-control': 'no-cache', 'content-type': type });
      return sendUnlessKnown(request, reply, etag, content);
    };
  };

  app.get(
    '/',
    {
      config: OPEN_TO_ALL,
      schema: {
        operationId: 'getPage',
        summary: 'Show the live page',
        tags: ['service'],
        response: {
          200: { description: 'The page', content: textContent('text/html', '<!doctype html>…') },
          304: Type.Null({ description: 'The page still has the ETag of If-None-Match' }),
          ...problems(403),
        },
      },
    },
    send(INDEX),
  );
  for (const file of servedFiles()) {
    app.get(`/${file}`, { config: OPEN_TO_ALL, schema: { hide: true } }, send(file));
  }
}

function servedFiles(): string[] {
  const files = existsSync(BUILT) ? readdirSync(BUILT, { recursive: true, encoding: 'utf8' }) : [];
  return files
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => extname(file) in MEDIA_TYPES && !PAGES.includes(file));
}
