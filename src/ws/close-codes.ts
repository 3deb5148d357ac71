/** Why this side closes a socket. */
export const CLOSE = {
  goingAway: 1001,
  replaced: 4001,
  slowConsumer: 4008,
  noPong: 4012,
  tooManyRequests: 4029,
  tokenWithdrawn: 4500,
  notJsonRpc: 4501,
} as const;

export type CloseReason = keyof typeof CLOSE;

/** What a code is counted as: a client may close with any, and would else make a series of each. */
export function countedAs(code: number): string {
  const known = (code >= 1000 && code <= 1015) || Object.values<number>(CLOSE).includes(code);
  return known ? String(code) : 'other';
}

/** The code with which ws closes a socket because of a faulty frame (its receiver.js); null for other errors. */
export function codeOfFault({ code = '' }: Error & { readonly code?: string }): number | null {
  if (!code.startsWith('WS_ERR_')) return null;
  return CODES_OF_FAULTS[code] ?? 1002;
}

const CODES_OF_FAULTS: Readonly<Record<string, number>> = {
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
};

/** The closes that turn a client away, and the reasons under which they are counted. */
export const TURNED_AWAY: Readonly<Partial<Record<CloseReason, string>>> = {
  slowConsumer: 'slow_consumer',
  noPong: 'no_pong',
  tooManyRequests: 'too_many_messages',
  tokenWithdrawn: 'token_withdrawn',
  notJsonRpc: 'not_json_rpc',
};

/** What each says to a client. 1009 comes from the WebSocket itself. */
export const CLOSE_MEANINGS = {
  1001: 'the service stops; going_away said when to come back',
  1009: 'a message was longer than limits.frame_bytes',
  4001: 'another socket has resumed a registration of this one',
  4008: 'too much waited for this socket; resume, and read faster',
  4012: 'a ping was not answered in time; resume',
  4029: 'too many messages in a second; resume, and send less often',
  4500: 'the token was withdrawn',
  4501: 'what came is not JSON, or binary where only text is spoken',
} as const satisfies Record<(typeof CLOSE)[CloseReason] | 1009, string>;

/** A client that closes with this code is done; with any other it may come back. */
export const CLIENT_IS_DONE = 1000;
