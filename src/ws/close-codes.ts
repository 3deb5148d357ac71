/** Why this side closes a socket (contract, section 5). */
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

/** The closes that turn a client away, and the reasons under which they are counted. */
export const TURNED_AWAY: Readonly<Partial<Record<CloseReason, string>>> = {
  slowConsumer: 'slow_consumer',
  noPong: 'no_pong',
  tooManyRequests: 'too_many_messages',
  tokenWithdrawn: 'token_withdrawn',
  notJsonRpc: 'not_json_rpc',
};

/** A client that closes with this code is done; with any other it may come back. */
export const CLIENT_IS_DONE = 1000;
