import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, type FieldFault, ServiceError } from '../../ground/errors.js';
import type { Surface } from '../../limits/rejection-counts.js';
import { peerOf, type Rejections } from '../../limits/rejections.js';
import { problemOf } from '../../schemas/problem.js';
import type { Handshakes } from './handshakes.js';
import { securityHeaders } from './headers.js';
import { clientAddress } from './identify.js';
import { type ProblemLog, pathOf, REQUEST_ID } from './request-log.js';

/** Fastify's own rejections that are kinds of problem of ours. */
const OF_FASTIFY: Readonly<Record<string, readonly [ErrorCode, string, FieldFault[]?]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'Send JSON, with Content-Type: application/json.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', 'Send a body of at most CLUSTERER_HTTP_BODY_BYTES.'],
  FST_ERR_BAD_URL: ['invalid_input', 'An address is percent-encoded UTF-8.'],
  FST_ERR_MAX_PARAM_LENGTH: ['invalid_input', 'No part of an address is longer than 100 characters.'],
};

/** What is not the fault of whoever asks. */
const FAILURES: readonly ErrorCode[] = ['internal_error', 'database_unavailable'];

/** What Node's HTTP parser and its timers end a connection for, where it is more than bad HTTP. */
const OF_NODE: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['header_too_large', 'Send headers of at most CLUSTERER_HTTP_HEADER_BYTES.'],
  ERR_HTTP_REQUEST_TIMEOUT: [
    'request_timeout',
    'The request did not arrive within CLUSTERER_HTTP_HEADER_TIMEOUT_MS and CLUSTERER_HTTP_REQUEST_TIMEOUT_MS; send it at once.',
  ],
};

/** Every error of every route leaves as problem+json. Bugs are logged whole and told as little as possible of. */
export function useProblems(app: FastifyInstance, rejections: Rejections, log: ProblemLog): void {
  app.setErrorHandler((error: FastifyError | ServiceError, request, reply) =>
    answerError(rejections, log, error, request, reply),
  );
}

/** Before the body is read: what is wrong with it does not matter where nothing is. */
export function refuseUnknownRoute(request: FastifyRequest): void {
  if (!request.is404) return;
  const detail = `${request.method} ${pathOf(request)} is not a route; GET /openapi.yaml lists them.`;
  throw new ServiceError('unknown_route', detail);
}

/** Node would answer an empty 400 (RFC 9112, 3.2). */
export function refuseWithoutHost({ raw, headers }: FastifyRequest): void {
  if (raw.httpVersion !== '1.1' || headers.host !== undefined) return;
  throw new ServiceError('invalid_input', 'The request has no Host header, which HTTP/1.1 asks for.');
}

export function answerError(
  rejections: Rejections,
  log: ProblemLog,
  error: FastifyError | ServiceError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const known = asServiceError(error);
  const { url } = request.routeOptions;
  const told = rejections.reject(surfaceOf(url), known, peerOf(request), `${request.method} ${url ?? '(no route)'}`);
  if (FAILURES.includes(known.code)) log.failed(request, known, error);
  else if (!told) log.refused(request, known);
  // Of an address that Fastify itself refuses no hook has set them.
  if (!reply.hasHeader('content-security-policy')) reply.headers(securityHeaders(request.protocol === 'https'));
  reply
    .code(known.status)
    // Hooks see nothing of what Fastify refuses itself.
    .header(REQUEST_ID, request.id)
    .type('application/problem+json')
    .send(JSON.stringify(problemOf(known)));
}

function surfaceOf(url: string | undefined): Surface {
  if (url === '/mi') return 'mi';
  return url === '/ws' ? 'ws' : 'http';
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

/** What is no HTTP at all, or too much of it, or not in time, never reaches a route. */
export function answerBrokenRequest(
  rejections: Rejections,
  handshakes: Handshakes,
  error: Error & { code?: string },
  socket: Socket,
): void {
  if (/^ERR_(SSL|TLS)_/.test(error.code ?? '')) {
    handshakes.failed(error, socket);
    // Nothing can be said to a client that does not speak TLS, and an answer that waits for the handshake would keep the connection for ever.
    socket.destroy();
    return;
  }
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [code, detail] = OF_NODE[error.code ?? ''] ?? [
    'invalid_input',
    `The request is not valid HTTP (${error.code ?? error.message}).`,
  ];
  const broken = new ServiceError(code, detail);
  rejections.reject('http', broken, { caller: null, address: clientAddress(socket) }, 'request');
  const body = JSON.stringify(problemOf(broken));
  const head = [
    `HTTP/1.1 ${broken.status} ${STATUS_CODES[broken.status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...Object.entries(securityHeaders(socket instanceof TLSSocket)).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
