/** How a WebSocket ends, from the service's side. */
export interface Close {
  readonly code: number;
  /** For the documents: why, and what a client does. */
  readonly meaning: string;
  /** The reason under which it is counted as a rejection; null where it is not one. */
  readonly rejection: string | null;
}

/** Every close of ours. The code says whether to come back: `isFinal`. */
export const CLOSES = {
  goingAway: { code: 1001, meaning: 'the service is stopping; going_away said when to reconnect', rejection: null },
  // `ws` closes with this one itself.
  tooLong: { code: 1009, meaning: 'a message was longer than limits.frame_bytes', rejection: null },
  replaced: { code: 4001, meaning: 'another socket has resumed a registration of this one', rejection: null },
  slowConsumer: {
    code: 4008,
    meaning: 'too many bytes waited for this socket; resume, and read faster',
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

/** A client that closes with this code is done; with any other it may come back. */
export const CLIENT_IS_DONE = 1000;

/** Codes after which a client that comes back would end the same way: 4500 to 4999. */
export function isFinal(code: number): boolean {
  return code >= 4500 && code <= 4999;
}

/** The label under which a code is counted. A client may close with any code, and each would else be a series of its own. */
export function labelOf(code: number): string {
  const isKnown = (code >= 1000 && code <= 1015) || Object.values(CLOSES).some((close) => close.code === code);
  return isKnown ? String(code) : 'other';
}

/** The code with which `ws` closes a socket because of a faulty frame (its lib/receiver.js); null for other errors. */
export function codeOfFault({ code = '' }: Error & { readonly code?: string }): number | null {
  if (!code.startsWith('WS_ERR_')) return null;
  return CODES_OF_FAULTS[code] ?? 1002;
}

const CODES_OF_FAULTS: Readonly<Record<string, number>> = {
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
};
