import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Machine } from '../domain/machine.js';
import { ServiceError } from '../errors.js';
import type { Provisioned } from '../service/provisioned.js';

export const EtagHeader = Type.String({ description: 'names this state of it' });
export const IfNoneMatchHeaders = Type.Object({
  'if-none-match': Type.Optional(Type.String({ description: 'an ETag; 304 while it is still the one' })),
});
export const IfMatchHeaders = Type.Object({
  'if-match': Type.Optional(Type.String({ description: "the machine's ETag; 412 when it is another by now" })),
});

/** Strong; changes with what an operator provisions or sets, not with tries or passing seconds (contract, section 3). */
export function machineEtag(machine: Machine): string {
  const { clustererId, url, description, failedAttempts, durationMs, state, drain } = machine;
  const drained = drain === null ? [] : [drain.reason, drain.until, drain.by, drain.since];
  return etagOf(JSON.stringify([clustererId, url, description, failedAttempts, durationMs, state, ...drained]));
}

/** The tag of a text or of bytes: their hash. */
export function etagOf(text: string | Buffer): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}

/** An `onSend` hook: tags the answer with the hash of its body, unless it has a tag, and answers 304 to who knows it. */
export function conditionalGet(
  request: FastifyRequest,
  reply: FastifyReply,
  body: unknown,
  done: (error: null, body: unknown) => void,
): void {
  done(null, conditional(request, reply, body));
}

function conditional(request: FastifyRequest, reply: FastifyReply, body: unknown): unknown {
  if (reply.statusCode !== 200 || !(typeof body === 'string' || Buffer.isBuffer(body))) return body;
  const known = reply.getHeader('etag');
  const etag = typeof known === 'string' ? known : etagOf(body);
  reply.header('etag', etag);
  if (!names(request.headers['if-none-match'], etag)) return body;
  reply.code(304).removeHeader('content-type').removeHeader('content-length');
  // An empty text would go out with its length, which must be that of the body left out (RFC 9110, 8.6).
  return null;
}

/**
 * What `If-Match` asks of a machine that is about to be changed.
 * @param view shows the machine in the answer
 * @throws `precondition_failed` with the machine as it is now
 */
export function ifMatch(
  request: FastifyRequest,
  reply: FastifyReply,
  view: (machine: Provisioned) => object,
): (current: Provisioned | null) => void {
  const header = request.headers['if-match'];
  return (current) => {
    if (header === undefined) return;
    const etag = current === null ? null : machineEtag(current.machine);
    if (etag !== null && names(header, etag, 'strong')) return;
    if (etag !== null) reply.header('etag', etag);
    const detail = 'If-Match does not name the machine as it is now; look at it, and send its ETag.';
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
