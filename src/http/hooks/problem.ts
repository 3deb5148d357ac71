import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, ServiceError } from '../../ground/errors.js';
import type { Surface } from '../../limits/rejection-counts.js';
import { peerOf, type Rejections } from '../../limits/rejections.js';
import { problemOf } from '../../schemas/problem.js';
import { peerOfSocket } from '../remote/remote.js';
import type { HandshakeFailures } from './handshake-failures.js';
import { securityHeaders } from './headers.js';
import { type ProblemLog, REQUEST_ID } from './request-log.js';

/** Errors of Fastify that have a code of ours: code, detail. */
const FASTIFY_ERRORS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'Send JSON, with Content-Type: application/json.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', 'Send a body of at most CLUSTERER_HTTP_BODY_BYTES.'],
  FST_ERR_BAD_URL: ['invalid_input', 'The URL must be percent-encoded UTF-8.'],
  FST_ERR_MAX_PARAM_LENGTH: ['invalid_input', 'A segment of the path can have at most 100 characters.'],
};

/** Errors that are not the client's fault. */
const FAILURES: readonly ErrorCode[] = ['internal_error', 'database_unavailable'];

/** Errors that end by themselves, and when a client should repeat its request, in seconds. */
const RETRY_AFTER: Partial<Readonly<Record<ErrorCode, number>>> = {
  leader_changed: 1,
  log_unavailable: 1,
  no_leader: 2,
  replica_behind: 1,
};

/** Errors of Node's HTTP parser and its timers that are more than invalid HTTP. */
const NODE_ERRORS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['header_too_large', 'Send headers of at most CLUSTERER_HTTP_HEADER_BYTES.'],
  ERR_HTTP_REQUEST_TIMEOUT: [
    'request_timeout',
    'The request did not arrive within CLUSTERER_HTTP_HEADER_TIMEOUT_MS and CLUSTERER_HTTP_REQUEST_TIMEOUT_MS; send it without pauses.',
  ],
};

/** Sends every error of every route as problem+json. The log has all of a bug, the response nothing. */
export function useProblems(app: FastifyInstance, rejections: Rejections, log: ProblemLog): void {
  app.setErrorHandler((error: FastifyError | ServiceError, request, reply) =>
    answerError(rejections, log, error, request, reply),
  );
}

/** Node would send an empty 400 (RFC 9112, 3.2). */
export function refuseWithoutHost({ raw, headers }: FastifyRequest): void {
  if (raw.httpVersion !== '1.1' || headers.host !== undefined) return;
  throw new ServiceError('invalid_input', 'The request has no Host header, which HTTP/1.1 requires.');
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
  const logged = rejections.reject(surfaceOf(url), known, peerOf(request), `${request.method} ${url ?? '(no route)'}`);
  if (FAILURES.includes(known.code)) log.failed(request, known, error);
  else if (!logged) log.refused(request, known);
  // Fastify refuses an invalid URL before the hooks run.
  if (!reply.hasHeader('content-security-policy')) reply.headers(securityHeaders(request.remote.isSecure));
  const retryAfter = RETRY_AFTER[known.code];
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  reply
    .code(known.status)
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
  const known = FASTIFY_ERRORS[error.code];
  if (known !== undefined) {
    const [code, detail] = known;
    return new ServiceError(code, detail);
  }
  if (error.statusCode !== undefined && error.statusCode < 500) return new ServiceError('invalid_input', error.message);
  return new ServiceError('internal_error', 'This is a bug in the service; see its log.');
}

/** Responds to requests that never reach a route: invalid HTTP, headers too large, timeouts. */
export function answerBrokenRequest(
  rejections: Rejections,
  handshakeFailures: HandshakeFailures,
  error: Error & { code?: string },
  socket: Socket,
): void {
  if (/^ERR_(SSL|TLS)_/.test(error.code ?? '')) {
    handshakeFailures.failed(error, socket);
    // A client without TLS cannot read a response, and a response that waits for the handshake would keep the connection open.
    socket.destroy();
    return;
  }
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [code, detail] = NODE_ERRORS[error.code ?? ''] ?? [
    'invalid_input',
    `The request is not valid HTTP (${error.code ?? error.message}).`,
  ];
  const broken = new ServiceError(code, detail);
  const { network, isSecure } = peerOfSocket(socket);
  rejections.reject('http', broken, { caller: null, address: network }, 'request');
  const body = JSON.stringify(problemOf(broken));
  const head = [
    `HTTP/1.1 ${broken.status} ${STATUS_CODES[broken.status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...Object.entries(securityHeaders(isSecure)).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
