import { ClientError } from '../client/error.js';
import { type NetworkFailure, networkFailureOf, unreachableText } from '../client/transport/unreachable.js';
import type { Problem } from '../schemas/problem.js';
import type { Static } from '../schemas/typebox.js';
import { EXIT, Failure } from './failure.js';
import type { Target } from './target.js';

/** Milliseconds; longer than the service waits for its database. */
const ANSWER_TIMEOUT_MS = 30_000;

type Query = Readonly<Record<string, string | number | undefined>>;

/**
 * Calls a route of the service and returns its answer, whose type the caller takes from `schemas/`.
 * @throws ClientError when the service refuses, Failure when it cannot be reached
 */
export async function callRest<T extends object>(
  { restUrl, token }: Target,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  { query = {}, body }: { readonly query?: Query; readonly body?: object } = {},
): Promise<T> {
  const url = new URL(`${restUrl}${path}`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const request = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const { status, text } = await exchange(url, request).catch((reason: unknown) => {
    throw new Failure(EXIT.unreachable, unreachableText(restUrl, causeOf(reason)));
  });
  // 204 has no body.
  const answer = status === 204 ? {} : jsonOf(text);
  if (isProblem(answer)) {
    const { code, detail, errors = [] } = answer;
    throw new ClientError(code, detail, { status, errors });
  }
  if (status >= 300 || typeof answer !== 'object' || answer === null) {
    throw new Failure(
      EXIT.unreachable,
      `${restUrl} is not a Clusterer service (HTTP status ${status}). Check the URL.`,
    );
  }
  return answer as T;
}

async function exchange(url: URL, request: RequestInit) {
  // When a connection is closed before anything was sent, nothing in fetch keeps the event loop alive: the process would end with 0.
  const keepAlive = setInterval(() => {}, ANSWER_TIMEOUT_MS);
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    return { status: response.status, text: await response.text() };
  } finally {
    clearInterval(keepAlive);
  }
}

/** The parsed text; null where it is not JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isProblem(answer: unknown): answer is Static<typeof Problem> {
  return typeof answer === 'object' && answer !== null && 'code' in answer && 'detail' in answer;
}

/** The cause of a `fetch failed`. */
function causeOf(reason: unknown): NetworkFailure {
  if (!(reason instanceof Error)) return networkFailureOf(reason);
  if (reason.name === 'TimeoutError') {
    return { message: `no answer within ${ANSWER_TIMEOUT_MS / 1000} seconds`, code: '' };
  }
  return networkFailureOf(reason.cause instanceof Error ? reason.cause : reason);
}
