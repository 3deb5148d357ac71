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

/** What each says to a client. 1009 comes from the WebSocket itself. */
export const CLOSE_MEANINGS = {
  1001: 'the service stops; going_away said when to come back',
  1009: 'a message was longer than limits.frame_bytes',
  4001: 'another socket has resumed a registration of this one',
  4008: 'too much waited for this socket; resume, and read faster',
  4012: 'a ping was not answered in time; resume',
  4029: 'too many messages in a second; resume, and send less often',
  4501: 'what came is not JSON, or binary where only text is spoken',
} as const satisfies Record<(typeof CLOSE)[CloseReason] | 1009, string>;

/** A client that closes with this code is done; with any other it may come back. */
export const CLIENT_IS_DONE = 1000;
