import { type FieldFault, ServiceError } from '../ground/errors.js';
import { halfCharacters } from './half-characters.js';
import { parseJson } from './json-text.js';
import { keepWrittenIds, WrittenNumber } from './written-id.js';

/** JSON-RPC 2.0, one dispatcher for /mi and /ws. Knows nothing of how messages travel. */

export type Id = string | number | null | WrittenNumber;

export interface Failure {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

const PARSE_ERROR: Failure = { code: -32700, message: 'Parse error' };
const INVALID_REQUEST: Failure = { code: -32600, message: 'Invalid Request' };
const METHOD_NOT_FOUND: Failure = { code: -32601, message: 'Method not found' };
const INTERNAL_ERROR: Failure = { code: -32603, message: 'Internal error' };

/** Answers are held until the batch is done, and one of clusterer_list may have megabytes. */
export const LARGEST_BATCH = 100;

/** Characters that the answers of a batch may have together before the rest is refused. */
export const LARGEST_BATCH_ANSWER = 16 * 2 ** 20;

const BATCH_TOO_LARGE: Failure = {
  ...INVALID_REQUEST,
  data: { detail: `A batch has at most ${LARGEST_BATCH} requests; send several batches.` },
};

/** The parameters do not fit the method. */
export class InvalidParams extends Error {
  override readonly name = 'InvalidParams';

  constructor(readonly errors: readonly FieldFault[]) {
    super(errors.map((fault) => `${fault.pointer} ${fault.detail}`).join('; '));
  }
}

/** What a method is given: `{}` where the request has no parameters. */
export type Params = Readonly<Record<string, unknown>> | readonly unknown[];

/** Runs a method. @throws `UnknownMethod`, `InvalidParams`, `ServiceError`; anything else counts as a bug */
export type Call = (method: string, params: Params) => unknown;

/** What a `ServiceError` of a method becomes; the default is its HTTP status as code. */
export type Explain = (error: ServiceError, method: string) => Failure;

/** The response to a text that is not JSON. */
export const PARSE_FAILURE: string = failure(null, PARSE_ERROR);

function failure(id: Id, error: Failure): string {
  return response(id, { error });
}

function response(id: Id, outcome: { readonly result: unknown } | { readonly error: Failure }): string {
  const idText = id instanceof WrittenNumber ? id.text : JSON.stringify(id);
  return `{"jsonrpc":"2.0","id":${idText},${JSON.stringify(outcome).slice(1)}`;
}

/** Thrown by a `Call` for a name it does not have. */
export class UnknownMethod extends Error {
  override readonly name = 'UnknownMethod';
}

/** The message a text holds, its ids as they were written; undefined when it is not JSON, as `parseJson`. */
export function parseMessage(text: string): unknown {
  const message = parseJson(text);
  keepWrittenIds(message, text);
  return message;
}

/**
 * Returns the text of a response to a parsed message, or of the responses to a batch; null when there is nothing to say (notifications).
 * @param onBug told of errors that are no answer, which become -32603
 */
export async function answer(
  message: unknown,
  call: Call,
  onBug: (error: unknown) => void,
  explain: Explain = asHttpStatus,
): Promise<string | null> {
  if (!Array.isArray(message)) return answerOne(message, call, onBug, explain);
  if (message.length === 0) return failure(null, INVALID_REQUEST);
  if (message.length > LARGEST_BATCH) return failure(null, BATCH_TOO_LARGE);
  const responses: string[] = [];
  let characters = 0;
  for (const one of message) {
    const full = characters > LARGEST_BATCH_ANSWER;
    const response = await answerOne(one, full ? refuseForSize : call, onBug, explain);
    if (response === null) continue;
    responses.push(response);
    if (!full) characters += response.length;
  }
  return responses.length === 0 ? null : `[${responses.join(',')}]`;
}

function refuseForSize(): never {
  throw new ServiceError(
    'answer_too_large',
    'The answers before this one in the batch are too long; ask for it alone.',
  );
}

async function answerOne(
  message: unknown,
  call: Call,
  onBug: (error: unknown) => void,
  explain: Explain,
): Promise<string | null> {
  if (!isObject(message)) return failure(null, INVALID_REQUEST);
  const { jsonrpc, method, params = {} } = message;
  const hasId = Object.hasOwn(message, 'id');
  const id = hasId ? message.id : null;
  if (!isId(id)) return failure(null, INVALID_REQUEST);
  if (jsonrpc !== '2.0' || typeof method !== 'string') return failure(id, INVALID_REQUEST);
  if (!isObject(params) && !Array.isArray(params)) return failure(id, INVALID_REQUEST);
  try {
    const faults = halfCharacters(params);
    if (faults.length > 0) throw new InvalidParams(faults);
    const result = (await call(method, params)) ?? null;
    return hasId ? response(id, { result }) : null;
  } catch (error) {
    const explained = explainError(error, method, onBug, explain);
    return hasId ? failure(id, explained) : null;
  }
}

function explainError(error: unknown, method: string, onBug: (error: unknown) => void, explain: Explain): Failure {
  if (error instanceof UnknownMethod) return { ...METHOD_NOT_FOUND, data: { detail: `There is no method ${method}.` } };
  if (error instanceof InvalidParams) {
    return { code: -32602, message: 'Invalid params', data: { detail: error.message, errors: error.errors } };
  }
  if (error instanceof ServiceError) return explain(error, method);
  onBug(error);
  return INTERNAL_ERROR;
}

/** Application errors have the HTTP status as `code`. */
export function asHttpStatus(error: ServiceError): Failure {
  const { errors } = error.extra;
  const data = { code: error.code, detail: error.message, ...(errors !== undefined && { errors }) };
  return { code: error.status, message: error.title, data };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is Id {
  return value === null || typeof value === 'string' || typeof value === 'number' || value instanceof WrittenNumber;
}
