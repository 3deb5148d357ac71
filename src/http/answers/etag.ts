import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Machine } from '../../domain/machine.js';
import { ServiceError } from '../../ground/errors.js';
import type { Provisioned } from '../../service/views/provisioned.js';

export const EtagHeader = Type.String({ description: 'names this state of it' });
export const IfNoneMatchHeaders = Type.Object({
  'if-none-match': Type.Optional(Type.String({ description: 'an ETag; 304 while it is still the one' })),
});
export const PreconditionHeaders = Type.Object({
  'if-match': Type.Optional(Type.String({ description: "the machine's ETag; 412 when it is another by now" })),
  'if-none-match': Type.Optional(Type.String({ description: '412 when it is this ETag, or with *: when it is there' })),
});

/** Strong; changes with what an operator provisions or sets, not with tries or passing seconds. */
export function machineEtag(machine: Machine): string {
  const { clustererId, url, description, failedAttempts, durationMs, state, drain } = machine;
  const drained = drain === null ? [] : [drain.reason, drain.until, drain.by, drain.since];
  return etagOf(JSON.stringify([clustererId, url, description, failedAttempts, durationMs, state, ...drained]));
}

/** The tag of a text or of bytes: their hash. */
export function etagOf(text: string | Buffer): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}

/** Answers with this body, tagged, or with 304 to who knows it. */
export function sendUnlessKnown(
  request: FastifyRequest,
  reply: FastifyReply,
  etag: string,
  body: unknown,
): FastifyReply {
  reply.header('etag', etag);
  if (!names(request.headers['if-none-match'], etag)) return reply.send(body);
  reply.code(304).removeHeader('content-type');
  // Without a length, which must be that of the body left out (RFC 9110, 8.6). To HEAD Fastify tells that of whatever is no stream.
  return reply.send(request.method === 'HEAD' ? Readable.from([]) : undefined);
}

/**
 * What `If-Match` and `If-None-Match` ask of a machine that is about to be made, changed or removed (RFC 9110, 13.2.2).
 * @param view shows the machine in the answer
 * @throws `precondition_failed` with the machine as it is now
 */
export function precondition(
  request: FastifyRequest,
  reply: FastifyReply,
  view: (machine: Provisioned) => object,
): (current: Provisioned | null) => void {
  const { 'if-match': wanted, 'if-none-match': unwanted } = request.headers;
  return (current) => {
    const etag = current === null ? null : machineEtag(current.machine);
    const isWanted = wanted === undefined || (etag !== null && names(wanted, etag, 'strong'));
    const isUnwanted = etag !== null && names(unwanted, etag);
    if (isWanted && !isUnwanted) return;
    if (etag !== null) reply.header('etag', etag);
    const detail = isWanted
      ? 'If-None-Match names the machine as it is now; look at it, and leave the header out to change it.'
      : 'If-Match does not name the machine as it is now; look at it, and send its ETag.';
    throw new ServiceError('precondition_failed', detail, current === null ? {} : { machine: view(current) });
  };
}

/** Whether a list of tags (RFC 9110, 13.1) holds this one. `W/` counts only in a strong comparison. */
function names(header: string | undefined, etag: string, comparison: 'weak' | 'strong' = 'weak'): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  const tags = header.split(',').map((tag) => tag.trim());
  return tags.some((tag) => (comparison === 'weak' ? tag.replace(/^W\//, '') : tag) === etag);
}
