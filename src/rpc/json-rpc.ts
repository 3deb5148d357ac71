import { type FieldFault, ServiceError } from '../ground/errors.js';
import { ExactNumber, keepExactIds } from './exact-id.js';
import { parseJson } from './json-text.js';
import { loneSurrogates } from './lone-surrogates.js';

/** JSON-RPC 2.0: one dispatcher for /mi and /ws, without a transport. */

export type Id = string | number | null | ExactNumber;

export interface Failure {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

const PARSE_ERROR: Failure = { code: -32700, message: 'Parse error' };
const INVALID_REQUEST: Failure = { code: -32600, message: 'Invalid Request' };
const METHOD_NOT_FOUND: Failure = { code: -32601, message: 'Method not found' };
const INTERNAL_ERROR: Failure = { code: -32603, message: 'Internal error' };

/** Responses are held until the batch is done, and one of clusterer_list may have megabytes. */
export const LARGEST_BATCH = 100;

/** Characters. Once the responses of a batch have more together, its other requests are refused. */
const LARGEST_BATCH_RESPONSE = 16 * 2 ** 20;

const BATCH_TOO_LARGE: Failure = {
  ...INVALID_REQUEST,
  data: { detail: `A batch has at most ${LARGEST_BATCH} requests; send several batches.` },
};

/** Thrown by a `Call` when the parameters are not those of the method. */
export class InvalidParams extends Error {
  override readonly name = 'InvalidParams';

  constructor(readonly errors: readonly FieldFault[]) {
    super(errors.map((fault) => `${fault.pointer || 'the input'} ${fault.detail}`).join('; '));
  }
}

/** Thrown by a `Call` for an error with a code and a text of its own. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';

  constructor(
    readonly code: number,
    message: string,
    /** What to do, where the text does not say it. */
    readonly detail: string | null = null,
  ) {
    super(message);
  }
}

/** Validates parameters, which fills in their defaults, and returns them. @throws InvalidParams with every invalid parameter */
export function validParams<T>(params: NamedParams, validate: (params: NamedParams) => readonly FieldFault[]): T {
  const faults = validate(params);
  if (faults.length > 0) throw new InvalidParams(faults);
  return params as T;
}

export type NamedParams = Readonly<Record<string, unknown>>;

/** The parameters of a request; `{}` when it has none. */
export type Params = NamedParams | readonly unknown[];

/** Runs a method. @throws UnknownMethod, InvalidParams, CallFailure or ServiceError; anything else is a bug */
export type Call = (method: string, params: Params) => unknown;

/** Turns a `ServiceError` of a method into the error of the response; by default with the HTTP status as its code. */
export type Explain = (error: ServiceError, method: string) => Failure;

/** The response to a text that is not JSON. */
export const PARSE_FAILURE: string = failure(null, PARSE_ERROR);

function failure(id: Id, error: Failure): string {
  return response(id, { error });
}

function response(id: Id, outcome: { readonly result: unknown } | { readonly error: Failure }): string {
  const idText = id instanceof ExactNumber ? id.text : JSON.stringify(id);
  return `{"jsonrpc":"2.0","id":${idText},${JSON.stringify(outcome).slice(1)}`;
}

/** Thrown by a `Call` when it has no such method. */
export class UnknownMethod extends Error {
  override readonly name = 'UnknownMethod';
}

/** Parses a message and keeps the digits of its ids. Returns undefined in the cases of `parseJson`. */
export function parseMessage(text: string): unknown {
  const message = parseJson(text);
  keepExactIds(message, text);
  return message;
}

/**
 * Runs a parsed message. Returns the text of the response, or of the responses of a batch; null for notifications.
 * @param onBug gets the errors that are bugs; their response is -32603
 */
export async function dispatch(
  message: unknown,
  call: Call,
  onBug: (error: unknown) => void,
  explain: Explain = asHttpStatus,
): Promise<string | null> {
  if (!Array.isArray(message)) return dispatchOne(message, call, onBug, explain);
  if (message.length === 0) return failure(null, INVALID_REQUEST);
  if (message.length > LARGEST_BATCH) return failure(null, BATCH_TOO_LARGE);
  const responses: string[] = [];
  let characters = 0;
  for (const one of message) {
    const full = characters > LARGEST_BATCH_RESPONSE;
    const response = await dispatchOne(one, full ? refuseForSize : call, onBug, explain);
    if (response === null) continue;
    responses.push(response);
    if (!full) characters += response.length;
  }
  return responses.length === 0 ? null : `[${responses.join(',')}]`;
}

function refuseForSize(): never {
  throw new ServiceError(
    'answer_too_large',
    'The responses before this one in the batch are too long; send this request alone.',
  );
}

async function dispatchOne(
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
    const faults = loneSurrogates(params);
    if (faults.length > 0) throw new InvalidParams(faults);
    const result = (await call(method, params)) ?? null;
    return hasId ? response(id, { result }) : null;
  } catch (error) {
    const problem = toFailure(error, method, onBug, explain);
    return hasId ? failure(id, problem) : null;
  }
}

function toFailure(error: unknown, method: string, onBug: (error: unknown) => void, explain: Explain): Failure {
  if (error instanceof UnknownMethod) return { ...METHOD_NOT_FOUND, data: { detail: `There is no method ${method}.` } };
  if (error instanceof InvalidParams) {
    return { code: -32602, message: 'Invalid params', data: { detail: error.message, errors: error.errors } };
  }
  if (error instanceof CallFailure) {
    const { code, message, detail } = error;
    return { code, message, ...(detail !== null && { data: { detail } }) };
  }
  if (error instanceof ServiceError) return explain(error, method);
  onBug(error);
  return INTERNAL_ERROR;
}

/** The error of a response that has the HTTP status as its `code`. */
export function asHttpStatus(error: ServiceError): Failure {
  const { errors } = error.extra;
  const data = { code: error.code, detail: error.message, ...(errors !== undefined && { errors }) };
  return { code: error.status, message: error.title, data };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is Id {
  return value === null || typeof value === 'string' || typeof value === 'number' || value instanceof ExactNumber;
}
