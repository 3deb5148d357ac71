/** An invalid field, named by a JSON pointer into the request body. */
export interface FieldFault {
  readonly pointer: string;
  readonly detail: string;
}

/** A refused request, with the detail that the service gives. `status` 0: the service cannot be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    detail: string,
    readonly errors: readonly FieldFault[] = [],
  ) {
    super(detail);
  }
}

/** REST calls, with the token if there is one. Paths are relative to the page, so that a proxy may serve it under a path. */
export class Api {
  constructor(
    private readonly token: () => string | null,
    /** Called when the service does not accept the token. */
    private readonly unauthorized: () => void,
  ) {}

  /** @throws ApiError */
  async request<T>(method: string, path: string, body?: object): Promise<T> {
    const token = this.token();
    const headers: Record<string, string> = {};
    if (token !== null) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const answer = await fetch(path, {
      method,
      headers,
      credentials: 'omit',
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch(() => {
      throw new ApiError(0, 'The service cannot be reached. The change may not have been made; try again.');
    });
    if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
    if (answer.status === 401) this.unauthorized();
    throw await errorOf(answer);
  }
}

async function errorOf(answer: Response): Promise<ApiError> {
  const problem = await answer.json().catch(() => ({}));
  const detail = problem.detail ?? problem.title ?? `The service returned status ${answer.status}.`;
  return new ApiError(answer.status, detail, problem.errors ?? []);
}
