/** What daemons have room for (docs/protocol.md). Releases up to 3.5 do not check these counts: a higher count overwrites their memory. */
export const BOUNDS = {
  /** In one message; also neighbours of a node, ids, and capabilities of a node. */
  nodes: 128,
  /** A message whose path has more entries is not passed on. */
  floodedPath: 25,
  /** The longest path of a message that is read. */
  path: 26,
  /** Parameters of an MI command. */
  parameters: 15,
} as const;
