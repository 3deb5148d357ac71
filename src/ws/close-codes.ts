/** Why this side closes a socket (contract, section 5). */
export const CLOSE = {
  goingAway: 1001,
  slowConsumer: 4008,
  noPong: 4012,
  notJsonRpc: 4501,
} as const;
