import { CLOSES, isFinal } from '../../wire/close-codes.js';
import { ClientError, type ClientErrorCode } from '../error.js';
import type { Loss } from './socket.js';
import { unreachableText } from './unreachable.js';

/** Statuses that ask to come again later, though they are in the range of those that do not. */
const LATER = [408, 429];

/** Why there is no use in coming back; null when there is. */
export function finalError(loss: Loss): ClientError | null {
  if (loss.code === CLOSES.tokenWithdrawn.code)
    return new ClientError('token_withdrawn', 'The token was withdrawn; connect with another one.');
  if (isFinal(loss.code))
    return new ClientError('protocol_error', 'The service rejected this client; use the client of its version.');
  const { status } = loss;
  if (status === undefined || status < 400 || status >= 500 || LATER.includes(status)) return null;
  return refused(loss, status);
}

/** Why there is no connection. */
export function connectError(loss: Loss, url: string): ClientError {
  if (loss.status !== undefined) return refused(loss, loss.status);
  const message = loss.reason === '' ? `closed with ${loss.code}` : loss.reason;
  return new ClientError('unreachable', unreachableText(url, { message, code: loss.errorCode ?? '' }));
}

function refused({ body = '' }: Loss, status: number): ClientError {
  const { code, detail, errors } = problemIn(body);
  const words = detail ?? `The service refused a WebSocket with the HTTP status ${status}; is the url right?`;
  return new ClientError((code as ClientErrorCode | undefined) ?? 'unreachable', words, {
    status,
    ...(Array.isArray(errors) && { errors }),
  });
}

/** What a problem document says; nothing where it is none, as from a proxy. */
function problemIn(body: string): { readonly code?: string; readonly detail?: string; readonly errors?: unknown } {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}
