import type { FastifyRequest, preParsingHookHandler } from 'fastify';
import { ServiceError } from '../../ground/errors.js';
import { decodeUtf8, parseJson } from '../../rpc/json-text.js';
import { loneSurrogates } from '../../rpc/lone-surrogates.js';
import { invalidInput } from '../../schemas/validation.js';
import type { Routes } from '../answers/route-types.js';

const NOT_UTF8 = 'is not UTF-8';
const NOT_JSON = 'is not JSON, or is nested more than 64 deep, or has more than 20000 values';

/**
 * Accepts bodies that are JSON in UTF-8 and not compressed. Call it before the routes are added.
 * An empty body counts as none: many clients send a Content-Type without a body.
 */
export function useJsonBodies(app: Routes): void {
  app.addHook('onRoute', (route) => {
    // For other methods the body is not read, and a hook costs time.
    const readsBodies = [route.method].flat().some((method) => method !== 'GET' && method !== 'HEAD');
    if (readsBodies) route.preParsing = [refuseEncoded, route.preParsing ?? []].flat();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    const text = decodeUtf8(body);
    // A field such as `__proto__` stays an ordinary field: the schema then refuses it by name.
    const value = text === undefined ? undefined : parseJson(text);
    const faults =
      value === undefined ? [{ pointer: '', detail: text === undefined ? NOT_UTF8 : NOT_JSON }] : loneSurrogates(value);
    if (faults.length === 0) done(null, value);
    else done(invalidInput(faults));
  });
}

/** Runs before the body is read. */
const refuseEncoded: preParsingHookHandler = (request, reply, payload, done) => {
  const { headers } = request;
  const coding = headers['content-encoding'] ?? 'identity';
  if (hasBody(request) && coding.trim().toLowerCase() !== 'identity') {
    // Tells this error from a wrong media type (RFC 9110, 12.5.3).
    reply.header('accept-encoding', 'identity');
    const detail = 'The body has a Content-Encoding; send it without compression.';
    throw new ServiceError('unsupported_media_type', detail);
  }
  if (hasBody(request) && !isUtf8(headers['content-type'])) {
    const detail = 'The Content-Type has another charset than UTF-8; send JSON in UTF-8.';
    throw new ServiceError('unsupported_media_type', detail);
  }
  done(null, payload);
};

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** True when no charset but UTF-8 is named. */
function isUtf8(contentType = ''): boolean {
  const charsets = contentType.matchAll(/;\s*charset\s*=\s*"?([^";\s]*)/gi);
  return [...charsets].every(([, charset = '']) => /^utf-?8$/i.test(charset));
}
