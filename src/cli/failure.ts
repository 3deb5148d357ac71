import { ClientError, type ClientErrorCode } from '../client/error.js';
import { oneLine } from '../text/one-line.js';

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

/** Whatever was thrown, as a person is told it. @param tokenFrom what the token was given with; null where none was */
export function failureOf(error: unknown, tokenFrom: string | null = null): Failure {
  if (error instanceof Failure) return error;
  if (!(error instanceof ClientError)) {
    return new Failure(EXIT.refused, error instanceof Error ? error.message : String(error));
  }
  const { code, status, detail } = error;
  if (UNREACHABLE.includes(code)) return new Failure(EXIT.unreachable, detail);
  if (code === 'unauthorized') return new Failure(EXIT.refused, unauthorized(tokenFrom));
  // No service has said it: the client looks at its url and token before it asks.
  if (code === 'invalid_input' && status === null) return new Failure(EXIT.usage, `${detail} ${WHERE_GIVEN}`);
  // All that a request says was given on the command line.
  return new Failure(status === 400 ? EXIT.usage : EXIT.refused, refusal(error));
}

function unauthorized(tokenFrom: string | null): string {
  if (tokenFrom === null) return 'The service needs a token. Give one with --token or CLUSTERER_TOKEN.';
  return `The service does not know the token of ${tokenFrom}. Correct it, or ask whoever runs the service for a valid one.`;
}

/** What the service said no with. */
function refusal({ detail, errors }: ClientError): string {
  // The detail names the fields itself, unless it has no room for all of them.
  const untold = errors.filter((field) => !detail.includes(field.detail));
  const fields = untold.map((field) => `${field.pointer.slice(1) || 'body'}: ${field.detail}.`);
  return [detail, ...fields].join(' ');
}

/** The line on standard error. */
export function lineOf({ message }: { readonly message: string }): string {
  return `clusterer: ${oneLine(message)}\n`;
}
