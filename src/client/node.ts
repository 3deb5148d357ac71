import { connectBy } from './connect.js';
import { dialFromNode } from './transport/node-socket.js';

// biome-ignore lint/performance/noBarrelFile: an entry of the package
export * from './exports.js';

/**
 * Connects to a service from Node, with `ws`. Reconnects whenever the connection is lost, until `close`.
 * @param url of the service: `http(s):` or `ws(s):`
 * @throws ClientError when no service answers, or it rejects this client
 */
export const connect = connectBy(dialFromNode);
