/** One way in which the service closes a WebSocket. */
export interface Close {
  readonly code: number;
  /** For the documents: why, and what the client should do. */
  readonly meaning: string;
  /** The reason under which it counts as a rejection; null where it is not one. */
  readonly rejection: string | null;
}

/** Every close by the service. The code says whether to reconnect: `isFinal`. */
export const CLOSES = {
  goingAway: {
    code: 1001,
    meaning: 'the service is stopping; the notification going_away says when to reconnect',
    rejection: null,
  },
  // The library `ws` sends this one itself.
  tooLong: { code: 1009, meaning: 'a message was longer than limits.frame_bytes', rejection: null },
  replaced: { code: 4001, meaning: 'another socket resumed a registration of this socket', rejection: null },
  slowConsumer: {
    code: 4008,
    meaning: 'slow consumer: too many bytes pending for this socket; resume, and read faster',
    rejection: 'slow_consumer',
  },
  noPong: { code: 4012, meaning: 'no pong in time; resume', rejection: 'no_pong' },
  tooManyRequests: {
    code: 4029,
    meaning: 'too many messages in one second; resume, and send less often',
    rejection: 'too_many_messages',
  },
  tokenWithdrawn: { code: 4500, meaning: 'the token was withdrawn', rejection: 'token_withdrawn' },
  notJsonRpc: {
    code: 4501,
    meaning: 'the message was not JSON, or it was binary on a text-only subprotocol',
    rejection: 'not_json_rpc',
  },
} as const satisfies Record<string, Close>;

export type CloseReason = keyof typeof CLOSES;

/** A client that closes with this code has finished. After any other code it may reconnect. */
export const CLIENT_IS_DONE = 1000;

/** Whether reconnecting is useless, because the new socket would be closed for the same reason: 4500 to 4999. */
export function isFinal(code: number): boolean {
  return code >= 4500 && code <= 4999;
}

/** Returns the metrics label of a code. A client may close with any code; unknown ones share a label, so that series stay few. */
export function labelOf(code: number): string {
  const isKnown = (code >= 1000 && code <= 1015) || Object.values(CLOSES).some((close) => close.code === code);
  return isKnown ? String(code) : 'other';
}

/** Returns the code with which `ws` closes a socket after an invalid frame (its lib/receiver.js); null for other errors. */
export function codeOfFault({ code = '' }: Error & { readonly code?: string }): number | null {
  if (!code.startsWith('WS_ERR_')) return null;
  return CODES_OF_FAULTS[code] ?? 1002;
}

const CODES_OF_FAULTS: Readonly<Record<string, number>> = {
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
};
