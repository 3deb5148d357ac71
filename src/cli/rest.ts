import createClient from 'openapi-fetch';
import type { components, paths } from '../generated/api.js';
import { EXIT, Failure, refusal } from './failure.js';
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

/** What the service answers. @throws Failure when it refuses, or when there is none */
export async function answerOf<D>(
  { restUrl }: Target,
  asked: Promise<{ readonly data?: D; readonly error?: unknown; readonly response: Response }>,
): Promise<D> {
  const { data, error, response } = await asked.catch((reason: unknown) => {
    throw new Failure(
      EXIT.unreachable,
      `There is no service at ${restUrl}: ${why(reason)}. Start it, or mend the url.`,
    );
  });
  if (isProblem(error)) throw refusal(error);
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
function why(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason);
  if (reason.name === 'TimeoutError') return `no answer within ${ANSWER_MS / 1000} seconds`;
  if (reason instanceof SyntaxError) return 'the answer is no JSON';
  const { cause } = reason;
  // A name with several addresses fails with one error for each, and no words of its own.
  if (cause instanceof AggregateError) return cause.errors.map((one: Error) => one.message).join(', ');
  return cause instanceof Error ? cause.message : reason.message;
}
