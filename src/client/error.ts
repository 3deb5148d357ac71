import type { ErrorCode, FieldFault } from '../ground/errors.js';
import type { FailureView } from '../schemas/failure.js';

/** What can go wrong on this side of the socket; docs/client.md says what to do about each. */
type OwnCode =
  | 'unreachable'
  | 'not_connected'
  | 'connection_lost'
  | 'closed'
  | 'token_withdrawn'
  | 'protocol_error'
  | 'unknown_method';

/** The service's own codes (docs/errors.md), and those of this side. */
export type ClientErrorCode = ErrorCode | OwnCode;

interface More {
  readonly status?: number;
  readonly errors?: readonly FieldFault[];
}

/** Everything that this client throws or rejects with. `message` says what happened and what to do next. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  /** As an HTTP status; null where it was not the service that said no. */
  readonly status: number | null;
  /** Every faulty field of a request; empty unless the code is `invalid_input`. */
  readonly errors: readonly FieldFault[];

  constructor(
    readonly code: ClientErrorCode,
    detail: string,
    more: More = {},
  ) {
    super(detail);
    this.status = more.status ?? null;
    this.errors = more.errors ?? [];
  }

  get detail(): string {
    return this.message;
  }
}

/** The standard's codes in the names and statuses that REST has for the same. */
const STANDARD: Readonly<Record<number, { readonly code: ClientErrorCode; readonly status: number }>> = {
  [-32602]: { code: 'invalid_input', status: 400 },
  [-32601]: { code: 'unknown_method', status: 404 },
  [-32603]: { code: 'internal_error', status: 500 },
};

/** What the service answered in place of a result. */
export function errorOf({ code, message, data }: FailureView): ClientError {
  const known = STANDARD[code] ?? { code: data?.code ?? 'protocol_error', status: code };
  // A newer service may have codes that this client does not know.
  return new ClientError(known.code as ClientErrorCode, data?.detail ?? message, {
    status: known.status,
    errors: data?.errors ?? [],
  });
}

export function closedError(): ClientError {
  return new ClientError('closed', 'This client is closed; connect again.');
}
