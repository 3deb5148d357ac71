import createClient from 'openapi-fetch';
import { ClientError, type ClientErrorCode } from '../client/error.js';
import { type Trouble, troubleOf, unreachableText } from '../client/transport/unreachable.js';
import type { components, paths } from '../generated/api.js';
import { EXIT, Failure } from './failure.js';
import type { Target } from './target.js';

type Schemas = components['schemas'];
export type Machine = Schemas['Machine'];

/** How long an answer may take, in milliseconds: longer than the service waits for its database. */
const ANSWER_MS = 30_000;

/** The REST API, typed by its document. */
export function restOf({ restUrl, token }: Target) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return createClient<paths, 'application/json' | 'application/problem+json'>({
    baseUrl: restUrl,
    headers,
    fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(ANSWER_MS) }),
  });
}

/** What the service answers. @throws ClientError when it refuses, Failure when there is none */
export async function answerOf<D>(
  { restUrl }: Target,
  asked: Promise<{ readonly data?: D; readonly error?: unknown; readonly response: Response }>,
): Promise<D> {
  // Where a connection is closed before anything was sent, fetch has nothing left that keeps the process from ending with 0.
  const waiting = setInterval(() => {}, ANSWER_MS);
  const { data, error, response } = await asked
    .catch((reason: unknown) => {
      throw new Failure(EXIT.unreachable, unreachableText(restUrl, why(reason)));
    })
    .finally(() => clearInterval(waiting));
  if (isProblem(error)) {
    const { code, detail, status, errors = [] } = error;
    throw new ClientError(code as ClientErrorCode, detail, { status, errors });
  }
  if (data === undefined || typeof data !== 'object') {
    const said = `What answers at ${restUrl} is not this service (HTTP status ${response.status}); is the url right?`;
    throw new Failure(EXIT.unreachable, said);
  }
  return data;
}

function isProblem(error: unknown): error is Schemas['Problem'] {
  return typeof error === 'object' && error !== null && 'code' in error && 'detail' in error;
}

/** What is under a `fetch failed`. */
function why(reason: unknown): Trouble {
  if (!(reason instanceof Error)) return troubleOf(reason);
  if (reason.name === 'TimeoutError') return { message: `no answer within ${ANSWER_MS / 1000} seconds`, code: '' };
  if (reason instanceof SyntaxError) return { message: 'the answer is not JSON', code: '' };
  return troubleOf(reason.cause instanceof Error ? reason.cause : reason);
}
