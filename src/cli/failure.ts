import { ClientError, type ClientErrorCode } from '../client/error.js';
import type { FieldFault } from '../errors.js';
import { oneLine } from '../one-line.js';

/** What a script can tell from the exit code; 0 is good. */
export const EXIT = { refused: 1, usage: 2, unreachable: 3 } as const;

/** Why a command did not, or not wholly, do what it was asked; its message is the one line that a person gets. */
export class Failure extends Error {
  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }
}

const UNREACHABLE: readonly ClientErrorCode[] = ['unreachable', 'not_connected', 'connection_lost'];

const WHERE_GIVEN = 'They are given with --url and --token, or CLUSTERER_URL and CLUSTERER_TOKEN.';

/** Whatever was thrown, as a person is told it. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (!(error instanceof ClientError)) {
    return new Failure(EXIT.refused, error instanceof Error ? error.message : String(error));
  }
  const { code, status, errors } = error;
  if (UNREACHABLE.includes(code)) return new Failure(EXIT.unreachable, error.detail);
  // No service has said it: the client looks at its url and token before it asks.
  if (code === 'invalid_input' && status === null) return new Failure(EXIT.usage, `${error.detail} ${WHERE_GIVEN}`);
  return refusal({ code, detail: error.detail, errors });
}

/** What the service said no with. */
export function refusal(problem: {
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldFault[];
}): Failure {
  // The detail names the fields itself, unless it has no room for all of them.
  const untold = (problem.errors ?? []).filter(({ detail }) => !problem.detail.includes(detail));
  const fields = untold.map(({ pointer, detail }) => `${pointer.slice(1) || 'body'}: ${detail}.`);
  const hint = problem.code === 'unauthorized' ? ['Give it with --token or CLUSTERER_TOKEN.'] : [];
  return new Failure(EXIT.refused, [problem.detail, ...fields, ...hint].join(' '));
}

/** The line on standard error. */
export function lineOf({ message }: { readonly message: string }): string {
  return `clusterer: ${oneLine(message)}\n`;
}
