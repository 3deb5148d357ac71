import { ClientError, type ClientErrorCode } from '../client/error.js';
import { messageOf } from '../ground/message-of.js';
import { oneLine } from '../text/one-line.js';

/** Exit codes; 0 is success. */
export const EXIT = { refused: 1, usage: 2, unreachable: 3 } as const;

/** A command failed, or did only a part of its work. The message is the line printed on standard error. */
export class Failure extends Error {
  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }
}

const UNREACHABLE: readonly ClientErrorCode[] = ['unreachable', 'not_connected', 'connection_lost'];

const WHERE_GIVEN = 'Set them with --url and --token, or CLUSTERER_URL and CLUSTERER_TOKEN.';

/** The failure for any error. @param tokenSource the option or variable that held the token; null without a token */
export function failureOf(error: unknown, tokenSource: string | null = null): Failure {
  if (error instanceof Failure) return error;
  if (!(error instanceof ClientError)) {
    return new Failure(EXIT.refused, messageOf(error));
  }
  const { code, status, detail } = error;
  if (UNREACHABLE.includes(code)) return new Failure(EXIT.unreachable, detail);
  if (code === 'unauthorized') return new Failure(EXIT.refused, unauthorized(tokenSource));
  // Without a status the client itself refused its URL or token, before any request.
  if (code === 'invalid_input' && status === null) return new Failure(EXIT.usage, `${detail} ${WHERE_GIVEN}`);
  // Everything in a request comes from the command line, so status 400 is a usage error.
  return new Failure(status === 400 ? EXIT.usage : EXIT.refused, refusalText(error));
}

function unauthorized(tokenSource: string | null): string {
  if (tokenSource === null) return 'The service requires a token. Set --token or CLUSTERER_TOKEN.';
  return `The service rejected the token in ${tokenSource}. Correct it, or ask the operator of the service for a valid one.`;
}

function refusalText({ detail, errors }: ClientError): string {
  // The detail names the faulty fields itself, unless there are too many.
  const missing = errors.filter((field) => !detail.includes(field.detail));
  const fields = missing.map((field) => `${field.pointer.slice(1) || 'body'}: ${field.detail}.`);
  return [detail, ...fields].join(' ');
}

/** The line for standard error. */
export function lineOf({ message }: { readonly message: string }): string {
  return `clusterer: ${oneLine(message)}\n`;
}
