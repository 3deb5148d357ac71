/** Every error that clients can see. A code is never reused for another meaning. A test compares docs/errors.md with this table. */
export const ERRORS = {
  invalid_input: { status: 400, title: 'Invalid request' },
  module_reserved: { status: 400, title: 'Reserved module name' },
  payload_too_long: { status: 400, title: 'Payload too long for a frame' },
  protocol_not_supported: { status: 400, title: 'Protocol not supported' },
  sync_not_supported: { status: 400, title: 'No sync for this registration' },
  decode_not_supported: { status: 400, title: 'No decoding of payloads' },
  unknown_subprotocol: { status: 400, title: 'WebSocket subprotocol not supported' },
  unauthorized: { status: 401, title: 'Valid token required' },
  forbidden: { status: 403, title: 'Insufficient role' },
  host_not_allowed: { status: 403, title: 'Host not allowed' },
  origin_not_allowed: { status: 403, title: 'Origin not allowed' },
  unknown_route: { status: 404, title: 'Not found' },
  unknown_cluster: { status: 404, title: 'Unknown cluster' },
  unknown_machine: { status: 404, title: 'Unknown machine' },
  unknown_command: { status: 404, title: 'Unknown MI command' },
  unknown_registration: { status: 404, title: 'Unknown registration' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  request_timeout: { status: 408, title: 'Request timeout' },
  duplicate_machine: { status: 409, title: 'Machine already exists' },
  dialect_not_supported: { status: 409, title: 'Not in this dialect' },
  not_a_member: { status: 409, title: 'No own row in the cluster' },
  tags_not_supported: { status: 409, title: 'No sharing tags there' },
  too_many_machines: { status: 409, title: 'Machine limit reached' },
  precondition_failed: { status: 412, title: 'Precondition failed' },
  body_too_large: { status: 413, title: 'Body too large' },
  answer_too_large: { status: 413, title: 'Batch response too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  upgrade_required: { status: 426, title: 'WebSocket upgrade required' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  too_many_wrong_tokens: { status: 429, title: 'Too many wrong tokens' },
  too_many_registrations: { status: 429, title: 'Too many registrations on one socket' },
  header_too_large: { status: 431, title: 'Headers too large' },
  internal_error: { status: 500, title: 'Internal error' },
  too_many_sockets: { status: 503, title: 'Too many open connections' },
  registrations_exhausted: { status: 503, title: 'Registration limit reached' },
  database_unavailable: { status: 503, title: 'Database unavailable' },
  leader_changed: { status: 503, title: 'Leader changed' },
  log_unavailable: { status: 503, title: 'Log unavailable' },
  no_leader: { status: 503, title: 'No leader' },
  replica_behind: { status: 503, title: 'Replica behind' },
  tag_not_confirmed: { status: 504, title: 'Sharing tag not confirmed' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** An invalid field: a JSON pointer into the body, or `/name` for a query or path parameter, and what is wrong with it. */
export interface FieldFault {
  readonly pointer: string;
  readonly detail: string;
}

/** Escapes a name for a JSON pointer (RFC 6901). */
export function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** An error that clients may see. `detail` says what to do next and contains no secret. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';

  constructor(
    readonly code: ErrorCode,
    detail: string,
    /** Further members of the problem document (`errors`, `machine`, `tag`). */
    readonly extra: {
      readonly errors?: readonly FieldFault[];
      readonly machine?: unknown;
      readonly tag?: unknown;
    } = {},
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

/** The database cannot be reached, or refused the statement; nothing was changed. */
export class DatabaseUnavailable extends ServiceError {
  constructor(
    detail: string,
    cause?: unknown,
    /** True when every call would fail, not only this one. */
    readonly away = false,
  ) {
    super('database_unavailable', detail, {}, { cause });
  }
}
