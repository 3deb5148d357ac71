import type { ErrorCode, FieldFault } from '../ground/errors.js';
import type { FailureView } from '../schemas/failure.js';

/** Errors of this side of the socket; docs/client.md says what to do about each. */
type OwnCode =
  | 'unreachable'
  | 'not_connected'
  | 'connection_lost'
  | 'closed'
  | 'token_withdrawn'
  | 'protocol_error'
  | 'unknown_method';

/** The codes of the service (docs/errors.md) and of the client itself. */
export type ClientErrorCode = ErrorCode | OwnCode;

interface Details {
  readonly status?: number;
  readonly errors?: readonly FieldFault[];
}

/** Everything that the client throws or rejects with. `message` says what happened and what to do next. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  /** An HTTP status; null when the error is not from the service. */
  readonly status: number | null;
  /** The faulty fields of a request; empty unless the code is `invalid_input`. */
  readonly errors: readonly FieldFault[];

  constructor(
    readonly code: ClientErrorCode,
    detail: string,
    details: Details = {},
  ) {
    super(detail);
    this.status = details.status ?? null;
    this.errors = details.errors ?? [];
  }

  get detail(): string {
    return this.message;
  }
}

/** The codes of JSON-RPC 2.0, with the names and statuses of the same errors in REST. */
const STANDARD: Readonly<Record<number, { readonly code: ClientErrorCode; readonly status: number }>> = {
  [-32602]: { code: 'invalid_input', status: 400 },
  [-32601]: { code: 'unknown_method', status: 404 },
  [-32603]: { code: 'internal_error', status: 500 },
};

/** The error in an answer of the service. */
export function errorOf({ code, message, data }: FailureView): ClientError {
  const known = STANDARD[code] ?? { code: data?.code ?? 'protocol_error', status: code };
  // A newer service may have codes that this client does not know.
  return new ClientError(known.code as ClientErrorCode, data?.detail ?? message, {
    status: known.status,
    errors: data?.errors ?? [],
  });
}

export function closedError(): ClientError {
  return new ClientError('closed', 'The client is closed; connect again.');
}
