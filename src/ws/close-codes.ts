/** Why this side closes a socket (contract, section 5). */
export const CLOSE = {
  goingAway: 1001,
  replaced: 4001,
  slowConsumer: 4008,
  noPong: 4012,
  tooManyRequests: 4029,
  notJsonRpc: 4501,
} as const;

export type CloseReason = keyof typeof CLOSE;

/** A client that closes with this code is done; with any other it may come back. */
export const CLIENT_IS_DONE = 1000;
