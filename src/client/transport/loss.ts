import { CLOSES, isFinal } from '../../wire/close-codes.js';
import { ClientError, type ClientErrorCode } from '../error.js';
import type { Loss } from './socket.js';
import { unreachableText } from './unreachable.js';

/** Statuses from 400 to 499 that ask to try again later. */
const RETRYABLE = [408, 429];

/** Why a reconnect is pointless; null when it is not. */
export function finalError(loss: Loss): ClientError | null {
  if (loss.code === CLOSES.tokenWithdrawn.code)
    return new ClientError('token_withdrawn', 'The token was withdrawn; connect with another token.');
  if (isFinal(loss.code))
    return new ClientError('protocol_error', 'The service rejected this client; use the client of its version.');
  const { status } = loss;
  if (status === undefined || status < 400 || status >= 500 || RETRYABLE.includes(status)) return null;
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
  const message = detail ?? `The service refused a WebSocket with the HTTP status ${status}; check the URL.`;
  return new ClientError((code as ClientErrorCode | undefined) ?? 'unreachable', message, {
    status,
    ...(Array.isArray(errors) && { errors }),
  });
}

/** The fields of a problem document; empty for anything else, such as a page of a proxy. */
function problemIn(body: string): { readonly code?: string; readonly detail?: string; readonly errors?: unknown } {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}
