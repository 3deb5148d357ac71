import type { FastifyRequest, preParsingHookHandler } from 'fastify';
import { ServiceError } from '../../ground/errors.js';
import { decodeUtf8, parseJson } from '../../rpc/json-text.js';
import { loneSurrogates } from '../../rpc/lone-surrogates.js';
import { invalidInput } from '../../schemas/validation.js';
import type { Routes } from '../answers/route-types.js';

const NOT_UTF8 = 'is not UTF-8';
const NOT_JSON = 'is not JSON, or is nested more than 64 deep, or holds more than 20000 values';

/** Bodies are JSON in UTF-8, not compressed. Call it before the routes. An empty body is not a body: many clients name a type for bodies they do not send. */
export function useJsonBodies(app: Routes): void {
  app.addHook('onRoute', (route) => {
    // Of other methods no body is read, and a hook costs something.
    const readsBodies = [route.method].flat().some((method) => method !== 'GET' && method !== 'HEAD');
    if (readsBodies) route.preParsing = [refuseEncoded, route.preParsing ?? []].flat();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    const text = decodeUtf8(body);
    // Fields with the names of prototypes are kept, as fields of their own: the schema refuses them by name.
    const value = text === undefined ? undefined : parseJson(text);
    const faults =
      value === undefined ? [{ pointer: '', detail: text === undefined ? NOT_UTF8 : NOT_JSON }] : loneSurrogates(value);
    if (faults.length === 0) done(null, value);
    else done(invalidInput(faults));
  });
}

/** Before the body is read. */
const refuseEncoded: preParsingHookHandler = (request, reply, payload, done) => {
  const { headers } = request;
  const coding = headers['content-encoding'] ?? 'identity';
  if (hasBody(request) && coding.trim().toLowerCase() !== 'identity') {
    // So that a client can tell it from a wrong media type (RFC 9110, 12.5.3).
    reply.header('accept-encoding', 'identity');
    const detail = 'The body has a Content-Encoding; send it as it is, not compressed.';
    throw new ServiceError('unsupported_media_type', detail);
  }
  if (hasBody(request) && !isUtf8(headers['content-type'])) {
    const detail = 'The Content-Type names another charset than UTF-8; send JSON in UTF-8.';
    throw new ServiceError('unsupported_media_type', detail);
  }
  done(null, payload);
};

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Whether every charset that is named is UTF-8. */
function isUtf8(contentType = ''): boolean {
  const charsets = contentType.matchAll(/;\s*charset\s*=\s*"?([^";\s]*)/gi);
  return [...charsets].every(([, charset = '']) => /^utf-?8$/i.test(charset));
}
