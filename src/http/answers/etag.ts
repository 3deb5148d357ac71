import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Expected } from '../../domain/version.js';
import { Type } from '../../schemas/typebox.js';
import { PreconditionFailed, type VersionedMachine } from '../../service/views/versioned.js';

export const EtagHeader = Type.String({ description: 'The version of the resource' });
export const IfNoneMatchHeaders = Type.Object({
  'if-none-match': Type.Optional(Type.String({ description: 'An ETag; 304 if it is the current version' })),
});
export const PreconditionHeaders = Type.Object({
  'if-match': Type.Optional(Type.String({ description: 'The ETag of the machine; 412 if it has changed since' })),
  'if-none-match': Type.Optional(
    Type.String({ description: 'An ETag; 412 if it is the current version. With *: 412 if the machine exists' }),
  ),
});

/** The ETag of a text or of bytes: their hash. */
export function etagOf(text: string | Buffer): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}

/** Sends the body with its ETag, or 304 if the client has it. */
export function sendUnlessKnown(
  request: FastifyRequest,
  reply: FastifyReply,
  etag: string,
  body: unknown,
): FastifyReply {
  reply.header('etag', etag);
  if (!includes(request.headers['if-none-match'], etag)) return reply.send(body);
  reply.code(304).removeHeader('content-type');
  // Without a content-length, which would have to be that of the omitted body (RFC 9110, 8.6). For HEAD, Fastify sets one unless the body is a stream.
  return reply.send(request.method === 'HEAD' ? Readable.from([]) : undefined);
}

/** The ETag of a version of a machine: a strong one. */
export function versionEtag(version: string): string {
  return `"${version}"`;
}

export function sendMachine(reply: FastifyReply, { version, view }: VersionedMachine): FastifyReply {
  return reply.header('etag', versionEtag(version)).send(view);
}

/**
 * Runs a call with what `If-Match` and `If-None-Match` expect of the machine (RFC 9110, 13.2.2); null without them.
 * @throws what the call throws; a 412 has the ETag of the machine as it is now
 */
export async function conditionally<T>(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  call: (expected: Expected | null) => Promise<T>,
): Promise<T> {
  const match = tagsOf(headers['if-match']);
  const noneMatch = tagsOf(headers['if-none-match']);
  const expected = {
    match: match === '*' ? match : (match?.map(versionOfTag) ?? null),
    noneMatch: noneMatch === '*' ? noneMatch : (noneMatch?.map(withoutWeak).map(versionOfTag) ?? null),
  };
  try {
    return await call(match === null && noneMatch === null ? null : expected);
  } catch (error) {
    if (error instanceof PreconditionFailed && error.current !== null) {
      reply.header('etag', versionEtag(error.current.version));
    }
    throw error;
  }
}

/** The list of a header (RFC 9110, 13.1), `*`, or null without the header. */
function tagsOf(header: string | undefined): '*' | string[] | null {
  if (header === undefined) return null;
  return header.trim() === '*' ? '*' : header.split(',').map((tag) => tag.trim());
}

function withoutWeak(tag: string): string {
  return tag.replace(/^W\//, '');
}

/** Empty, which no version is, unless the tag is a strong one. */
function versionOfTag(tag: string): string {
  return /^"(.*)"$/.exec(tag)?.[1] ?? '';
}

/** The weak comparison. */
function includes(header: string | undefined, etag: string): boolean {
  const tags = tagsOf(header);
  return tags === '*' || (tags?.map(withoutWeak).includes(etag) ?? false);
}
