import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ERRORS, type ErrorCode, type FieldFault, ServiceError } from '../errors.js';

/** Fastify's own refusals that are kinds of problem of ours. */
const OF_FASTIFY: Readonly<Record<string, readonly [ErrorCode, string, FieldFault[]?]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'Send JSON, with Content-Type: application/json.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', 'Send a body of at most 1 MiB.'],
  FST_ERR_BAD_URL: ['invalid_input', 'An address is percent-encoded UTF-8, none of its parts longer than 100 bytes.'],
};

/** The RFC 9457 document of an error. */
function problemOf(error: ServiceError): object {
  const { code, status, title, message, extra } = error;
  return { type: `urn:clusterer:problem:${code}`, title, status, detail: message, code, ...extra };
}

/** Every error of every route leaves as problem+json. Bugs are logged whole and told as little as possible of. */
export function useProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | ServiceError, request, reply) => answerError(error, request, reply));
  app.addHook('onRequest', async (request) => refuseUnknownRoute(request));
  app.addHook('onRequest', async (request) => refuseWithoutHost(request));
}

/** Before the body is read: what is wrong with it does not matter where nothing is. */
function refuseUnknownRoute(request: FastifyRequest): void {
  if (!request.is404) return;
  const detail = `${request.method} ${request.url.split('?')[0]} is not a route; GET /openapi.yaml lists them.`;
  throw new ServiceError('unknown_route', detail);
}

/** Node would answer an empty 400 (RFC 9112, 3.2). */
function refuseWithoutHost({ raw, headers }: FastifyRequest): void {
  if (raw.httpVersion !== '1.1' || headers.host !== undefined) return;
  throw new ServiceError('invalid_input', 'The request has no Host header, which HTTP/1.1 asks for.');
}

export function answerError(error: FastifyError | ServiceError, request: FastifyRequest, reply: FastifyReply): void {
  const known = asServiceError(error);
  if (known.status >= 500) request.log.error({ err: error }, known.title);
  reply
    .code(known.status)
    .type('application/problem+json')
    .send(JSON.stringify(problemOf(known)));
}

function asServiceError(error: FastifyError | ServiceError): ServiceError {
  if (error instanceof ServiceError) return error;
  const known = OF_FASTIFY[error.code];
  if (known !== undefined) {
    const [code, detail, errors] = known;
    return new ServiceError(code, detail, errors && { errors });
  }
  if (error.statusCode !== undefined && error.statusCode < 500) return new ServiceError('invalid_input', error.message);
  return new ServiceError('internal_error', 'This is a fault of the service; its log says more.');
}

/** What is no HTTP at all, or not in time, never reaches a route. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const broken = new ServiceError('invalid_input', `The request is not valid HTTP (${error.code ?? error.message}).`);
  const body = JSON.stringify(problemOf(broken));
  const head = [
    `HTTP/1.1 ${ERRORS.invalid_input.status} Bad Request`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
