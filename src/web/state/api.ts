/** A fault in one field, by a JSON pointer into the body that was sent. */
export interface FieldFault {
  readonly pointer: string;
  readonly detail: string;
}

/** The service's own words on why something could not be done; `status` 0: it could not be reached. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly status: number,
    detail: string,
    readonly errors: readonly FieldFault[] = [],
  ) {
    super(detail);
  }
}

/** REST, with the token where there is one. Addresses are relative to the page, so that a proxy may serve it below a path. */
export class Api {
  constructor(
    private readonly token: () => string | null,
    /** The token is not, or no longer, known. */
    private readonly unauthorized: () => void,
  ) {}

  /** @throws Refused */
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
      throw new Refused(0, 'The service cannot be reached just now. Nothing may have changed; try again.');
    });
    if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
    if (answer.status === 401) this.unauthorized();
    throw await refusal(answer);
  }
}

async function refusal(answer: Response): Promise<Refused> {
  const problem = await answer.json().catch(() => ({}));
  const detail = problem.detail ?? problem.title ?? `The service answered with status ${answer.status}.`;
  return new Refused(answer.status, detail, problem.errors ?? []);
}
