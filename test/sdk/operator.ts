/** What an operator does with machines. Each program does it with the client of another generator, without casts. */
export interface Operator {
  create(cluster: number, machine: number, url: string): Promise<Version>;
  list(cluster: number): Promise<readonly Machine[]>;
  read(cluster: number, machine: number): Promise<Version>;
  /** @param etag of the version that is to be changed */
  describe(cluster: number, machine: number, description: string, etag: string): Promise<Version>;
  drain(cluster: number, machine: number, reason: string): Promise<Machine>;
  /** Calls an MI command and returns its result. */
  mi(command: string, params: readonly string[]): Promise<unknown>;
  remove(cluster: number, machine: number): Promise<void>;
}

export interface Version {
  readonly machine: Machine;
  readonly etag: string;
}

/** What the story reads of a machine. */
export interface Machine {
  readonly machine_id: number;
  readonly state: 'up' | 'temp_disabled' | 'down';
  readonly description: string | null;
  readonly drain?: { readonly reason: string | null } | undefined;
}

/** What the story reads of a problem document. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer: string }[] | undefined;
  readonly machine?: Machine | undefined;
}

/** The service refused a request; docs/errors.md explains `problem.code`. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** The version of a machine that was read or changed. */
export function versionOf(machine: Machine, headers: Headers): Version {
  return { machine, etag: headers.get('etag') ?? '' };
}

export function authorization(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
