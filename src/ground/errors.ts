/**
 * Every error the outside can see: its code, HTTP status and title. A code is never reused for another meaning.
 * docs/errors.md is held against this table by a test.
 */
export const ERRORS = {
  invalid_input: { status: 400, title: 'The request is not valid' },
  payload_too_long: { status: 400, title: 'The payload does not fit into a frame' },
  protocol_not_supported: { status: 400, title: 'Packets of this protocol are not carried' },
  unknown_subprotocol: { status: 400, title: 'None of the offered WebSocket subprotocols is spoken here' },
  unauthorized: { status: 401, title: 'A valid token is needed' },
  forbidden: { status: 403, title: 'The token does not allow this' },
  host_not_allowed: { status: 403, title: 'The service does not answer under this name' },
  origin_not_allowed: { status: 403, title: 'Pages of this origin may not ask' },
  unknown_route: { status: 404, title: 'There is nothing at this address' },
  unknown_cluster: { status: 404, title: 'There is no such cluster' },
  unknown_machine: { status: 404, title: 'There is no such machine in the cluster' },
  unknown_command: { status: 404, title: 'There is no such MI command' },
  unknown_registration: { status: 404, title: 'There is no such registration on this socket' },
  method_not_allowed: { status: 405, title: 'This address does not answer to that method' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  duplicate_machine: { status: 409, title: 'The cluster already has this machine' },
  not_a_member: { status: 409, title: 'This service has no own row in the cluster' },
  too_many_machines: { status: 409, title: 'The table has as many machines as it may' },
  precondition_failed: { status: 412, title: 'The machine has changed meanwhile' },
  body_too_large: { status: 413, title: 'The body is too large' },
  answer_too_large: { status: 413, title: 'The answer to the whole batch would be too long' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json in UTF-8' },
  upgrade_required: { status: 426, title: 'This address speaks WebSocket' },
  too_many_requests: { status: 429, title: 'Too many requests in too short a time' },
  too_many_wrong_tokens: { status: 429, title: 'Too many wrong tokens came from this address' },
  too_many_registrations: { status: 429, title: 'The socket carries as many registrations as it may' },
  header_too_large: { status: 431, title: 'The headers are too large' },
  internal_error: { status: 500, title: 'The service failed' },
  too_many_sockets: { status: 503, title: 'As many sockets are open as may be' },
  registrations_exhausted: { status: 503, title: 'As many registrations are in force as may be' },
  database_unavailable: { status: 503, title: 'The database cannot be reached' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** One faulty field: a JSON pointer into the body, or `/name` for a query or path parameter, and what to do about it. */
export interface FieldFault {
  readonly pointer: string;
  readonly detail: string;
}

/** A name within a JSON pointer (RFC 6901). */
export function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** An error with an answer for the outside. `detail` says what to do next and holds no secret. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';

  constructor(
    readonly code: ErrorCode,
    detail: string,
    /** Further members of the problem document (`errors`, `machine`). */
    readonly extra: { readonly errors?: readonly FieldFault[]; readonly machine?: unknown } = {},
    options?: ErrorOptions,
  ) {
    super(detail, options);
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get title(): string {
    return ERRORS[this.code].title;
  }
}

/** The database cannot be reached or refused the work for now; nothing was changed. */
export class DatabaseUnavailable extends ServiceError {
  constructor(
    detail: string,
    cause?: unknown,
    /** It is so for every call, and not for this one alone. */
    readonly away = false,
  ) {
    super('database_unavailable', detail, {}, { cause });
  }
}
